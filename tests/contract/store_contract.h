// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/store.h"

#include <QObject>
#include <memory>

namespace gantry::test {

/// Makes the store under test. One driver, one factory.
class StoreFactory {
public:
    virtual ~StoreFactory() = default;

    /// Throws all data away.
    virtual void reset() = 0;

    /// Opens the store on the data left by the last one, or on none.
    virtual Result<std::unique_ptr<store::Store>> open() = 0;
};

/// What every driver of the store keeps to. Each test starts on no data.
class StoreContract : public QObject {
    Q_OBJECT

public:
    /// `factory` outlives this.
    explicit StoreContract(StoreFactory& factory);
    ~StoreContract() override;

private Q_SLOTS:
    void init();
    void cleanup();

    void beginsEmpty();
    void givesBackWhatWasCommitted();
    void givesBackEveryKindOfOrder();
    void leavesNoTraceOfAnUncommittedBatch();
    void findsOnlyWhatIsCommitted();
    void keepsIdempotencyKeys();
    void refusesASecondOrderOfTheSameKey();
    void refusesEventsOutOfSequence();
    void aStaleOwnerWritesNothing();
    void raisesTheEpochWithEachOwner();
    void refusesAnUnknownPartition();
    void keepsHistoriesWithoutAGap();
    void keepsBooksAndRefusesWhatDoesNotBalance();
    void readsTheLogInParts();
    void countersEqualARecount();
    void loadsOpenOrdersAlone();
    void survivesReopening();
    void keepsWhatOrdersSkip();

    void listsByEveryFilter();
    void pagesCoverEverythingOnce();
    void searches();

    void reservesAllOrNothing();
    void servesTheFirstRequestFirst();
    void reservesOncePerOrder();
    void neverShortWithoutAStockRecord();
    void settlesReservations();
    void refusesLessStockThanIsReserved();
    void conservesStock();
    void servesFromTheFirstWarehouseThatHasAll();
    void splitsWhatNoWarehouseHas();
    void keepsMovementsAsFacts();
    void changesStockOnceAKey();
    void refusesImpossibleChangesOfStock();
    void givesExpiredStockToOthersOfTheBatch();
    void booksBalanceWhateverHappens();

    void keepsPrincipals();
    void keepsKeysAndWhatBecameOfThem();
    void logsWhatWasDoneToPrincipals();
    void keepsWorkflowsForGood();
    void keepsTheLastChoiceOfEachChannel();
    void aStaleOwnerStoresNoWorkflow();
    void keepsBulkActions();
    void countsMembersOfBulkActions();
    void writesBulkActionsWholeOrNotAtAll();
    void listsBulkActionsThatGoOn();
    void keepsPausesAndHowTheyEnded();
    void aStaleOwnerPausesNothing();
    void chainsTheAudit();
    void listsTheAuditByEveryFilter();
    void auditsNothingThatIsNotCommitted();
    void keepsWhatMigratedOrdersGoBy();
    void readersSeeCommitsOfOthers();
    void maintainsWithoutChangingAnything();

private:
    struct World;
    std::unique_ptr<World> m_world;
    StoreFactory& m_factory;
};

} // namespace gantry::test
