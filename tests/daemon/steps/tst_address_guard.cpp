// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/address_guard.h"

#include <QTest>

class AddressGuardTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void table_data()
    {
        QTest::addColumn<bool>("isPublic");
        for (const char* address : {"8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255",
                 "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0",
                 "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
                 "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "2001:4860::8888",
                 "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"})
            QTest::newRow(address) << true;
        for (const char* address :
            {"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
                "127.0.0.1", "127.255.255.255", "169.254.0.1", "169.254.169.254", "172.16.0.0",
                "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255",
                "198.18.0.0", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255",
                "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254",
                "fdff::1", "ff02::1", "2001::1", "2001:10::1", "2001:db8::1", "3fff::1", "100::1",
                "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
                "64:ff9b::10.0.0.1", "64:ff9b:1::1", "2002:7f00:1::1", "2002:a00:1::1"})
            QTest::newRow(address) << false;
        QTest::newRow("") << false;
    }

    void table()
    {
        QFETCH(bool, isPublic);
        const QHostAddress address(QString::fromLatin1(QTest::currentDataTag()));
        QCOMPARE(gantry::steps::isPublicAddress(address), isPublic);
    }
};

QTEST_APPLESS_MAIN(AddressGuardTest)
#include "tst_address_guard.moc"
