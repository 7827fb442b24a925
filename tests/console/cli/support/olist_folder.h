// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTemporaryDir>
#include <fstream>
#include <map>
#include <string>

namespace gantry::console {

/// A small data set of the Olist kind in a folder of its own: one sound order `o1`, made up, to be spoilt by a test.
class OlistFolder {
public:
    OlistFolder()
    {
        m_files["olist_orders_dataset.csv"] =
            "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
            "order_delivered_carrier_date,order_delivered_customer_date,"
            "order_estimated_delivery_date\n"
            "o1,c1,delivered,2017-05-02 10:00:00,2017-05-02 10:05:00,2017-05-03 09:00:00,"
            "2017-05-08 14:00:00,2017-05-20 00:00:00\n";
        m_files["olist_order_items_dataset.csv"] =
            "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value\n"
            "o1,1,p1,s1,2017-05-06 10:00:00,10.00,2.50\n"
            "o1,2,p1,s1,2017-05-06 10:00:00,10.00,2.50\n";
        m_files["olist_order_payments_dataset.csv"] =
            "order_id,payment_sequential,payment_type,payment_installments,payment_value\n"
            "o1,2,voucher,1,5.00\n"
            "o1,1,credit_card,3,20.00\n";
        m_files["olist_customers_dataset.csv"] =
            "customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state\n"
            "c1,u1,01310,sao paulo,SP\n";
        m_files["olist_products_dataset.csv"] =
            "\"product_id\",\"product_category_name\",\"product_name_lenght\",\"product_description_lenght\","
            "\"product_photos_qty\",\"product_weight_g\",\"product_length_cm\",\"product_height_cm\","
            "\"product_width_cm\"\n"
            "p1,perfumaria,40,287,1,225,16,10,14\n";
        m_files["product_category_name_translation.csv"] =
            "\xef\xbb\xbfproduct_category_name,product_category_name_english\nperfumaria,perfumery\n";
    }

    /// Adds rows to a file, named by its distinctive word: `orders`, `items`, `payments`, `customers`, `products`, `translation`.
    void add(const std::string& file, const std::string& rows) { m_files[nameOf(file)] += rows; }

    /// Replaces what stands in a file.
    void replace(const std::string& file, const std::string& from, const std::string& to)
    {
        std::string& text = m_files[nameOf(file)];
        const auto at = text.find(from);
        Q_ASSERT(at != std::string::npos);
        text.replace(at, from.size(), to);
    }

    void remove(const std::string& file) { m_files.erase(nameOf(file)); }

    /// Writes the files; gives the folder.
    std::string write()
    {
        for (const auto& [name, text] : m_files)
            std::ofstream(path(name), std::ios::binary) << text;
        return m_folder.path().toStdString();
    }

    [[nodiscard]] std::string path(const std::string& name) const
    {
        return m_folder.filePath(QString::fromStdString(name)).toStdString();
    }

private:
    static std::string nameOf(const std::string& file)
    {
        if (file == "translation")
            return "product_category_name_translation.csv";
        return "olist_" + std::string(file == "items" || file == "payments" ? "order_" : "") + file
            + "_dataset.csv";
    }

    QTemporaryDir m_folder;
    std::map<std::string, std::string> m_files;
};

} // namespace gantry::console
