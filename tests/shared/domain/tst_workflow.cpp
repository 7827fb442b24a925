// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/workflow.h"
#include "tests/shared/support/printing.h"

#include <QTest>
#include <set>

namespace gantry {

class WorkflowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void findsStepsByName()
    {
        const Workflow workflow = standardWorkflow();
        for (std::size_t i = 0; i < workflow.steps.size(); ++i)
            QCOMPARE(workflow.indexOf(workflow.steps[i].name), std::optional(i));
        for (const std::string_view unknown : {"", "Pay", "pay ", "refund"})
            QVERIFY(!workflow.indexOf(unknown));
        QVERIFY(!Workflow{}.indexOf("pay"));
    }

    void standardIsTheOneThatTheDocumentsTell()
    {
        const Workflow workflow = standardWorkflow();
        QCOMPARE(workflow.name, std::string("standard"));
        std::vector<std::string> names;
        for (const StepDefinition& step : workflow.steps)
            names.push_back(step.name);
        QCOMPARE(names, (std::vector<std::string>{"validate", "pay", "allocate", "pick", "pack", "ship"}));
    }

    void standardIsSound()
    {
        std::set<std::string> names;
        for (const StepDefinition& step : standardWorkflow().steps) {
            QVERIFY(names.insert(step.name).second);
            QCOMPARE(step.handler.empty(), step.kind == StepKind::Manual);
            QVERIFY(step.role != Role::Viewer);
            QVERIFY(step.retry.maxAttempts >= 1 && step.retry.factor >= 1.0);
            QVERIFY(step.retry.initial.count() > 0 && step.retry.initial <= step.retry.max);
            QVERIFY(step.timeout.count() > 0);
        }
    }
};

} // namespace gantry

QTEST_APPLESS_MAIN(gantry::WorkflowTest)
#include "tst_workflow.moc"
