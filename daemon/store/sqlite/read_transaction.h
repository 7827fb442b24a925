// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/sqlite/connection.h"

#include <chrono>

namespace gantry::store {

/// A read transaction: everything inside sees one state of the store. Ends with the scope.
class ReadTransaction {
public:
    ReadTransaction(Connection& connection, std::chrono::milliseconds deadline)
        : m_connection(connection)
    {
        m_connection.setDeadline(deadline);
        m_connection.execute("BEGIN");
    }
    ReadTransaction(const ReadTransaction&) = delete;
    ReadTransaction& operator=(const ReadTransaction&) = delete;
    ~ReadTransaction()
    {
        m_connection.setDeadline(std::chrono::milliseconds(0));
        m_connection.rollback();
    }

private:
    Connection& m_connection;
};

} // namespace gantry::store
