// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/feed_desk.h"
#include "daemon/api/principals.h"
#include "daemon/api/reader_pool.h"
#include "daemon/bulk/bulk_messages.h"
#include "daemon/engine/messages.h"
#include "daemon/engine/service_status.h"
#include "daemon/intake/secret_box.h"
#include "daemon/verify/verifier.h"
#include "daemon/workflows/handlers.h"
#include "shared/util/clock.h"

#include <functional>
#include <string>

namespace gantry::api {

/// What the resources work with. Everything outlives the router.
struct Services {
    engine::Inbox& inbox;
    ReaderPool& readers;
    const Clock& clock;
    std::function<std::string()> metricsText;
    std::function<bool()> isReady;
    engine::TokenSeal seal; ///< the one that every door writes and reads tokens with
    workflows::Handlers handlers{}; ///< what workflow files may name
    bulk::BulkInbox* bulk = nullptr; ///< of the runner of bulk actions; null: there is none
    std::function<engine::ServiceStatusList()> serviceStatus{}; ///< may be null: nothing is called
    ReaderPool* selections = nullptr; ///< for finding many orders, which takes long; null: `readers` do
    verify::Verifier* verifier = nullptr; ///< null: nothing verifies the store
    const Principals* principals = nullptr; ///< who may come in; null: that is not to be seen or changed
    FeedDesk* feed = nullptr; ///< where readers of the log wait for more; null: they are answered at once
    const intake::SecretBox* secrets = nullptr; ///< of the sources of webhooks; null: none are taken
};

} // namespace gantry::api
