#include "mgmt/configuration/ini/ini_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

using testing::ElementsAre;

IniDocument read(std::string_view text) {
    ConfigFaults faults;
    IniDocument document = read_ini_document(text, "device.ini", faults);
    for (const ConfigFault& fault : faults) {
        ADD_FAILURE() << fault.to_string();
    }
    return document;
}

std::string fault_of(std::string_view text) {
    ConfigFaults faults;
    read_ini_document(text, "device.ini", faults);
    return faults.empty() ? "" : faults.front().to_string();
}

TEST(IniDocument, ReadsScalarsWithOrWithoutQuotes) {
    const IniDocument document = read(
        ";** Ini File **\r\n\r\n[SIP Params]\r\nREGISTRATIONTIME = 3600\r\n"
        "SIPGatewayName = 'it''s; here'\r\nProxyName=\"x\"\r\nUserName = ; nothing\r\n");
    ASSERT_EQ(document.scalars.size(), 4U);
    EXPECT_EQ(document.scalars[0].name, "REGISTRATIONTIME");
    EXPECT_EQ(document.scalars[0].value.text, "3600");
    EXPECT_EQ(document.scalars[0].value.line, 4);
    EXPECT_EQ(document.scalars[0].value.column, 20);
    EXPECT_EQ(document.scalars[1].value.text, "it's; here");
    EXPECT_EQ(document.scalars[2].value.text, "x");
    EXPECT_TRUE(document.scalars[3].value.is_left_out());
}

TEST(IniDocument, ReadsTablesOfBothDialects) {
    const IniDocument document = read(
        "[ ProxyIp ]\r\nFORMAT Index = ProxySetId, IpAddress;\r\nProxyIp 0 = \"1\", \"a;b,c\";\r\n"
        "ProxyIp 7 = $$, ;\r\n[ \\ProxyIp ]\r\n"
        "[PREFIX]\nFORMAT PREFIX_Index = PREFIX_RouteName, PREFIX_DestPort;\n"
        "PREFIX 3 = \"to \"\"B\"\"\" , 5060 ;\n[\\PREFIX]\n");
    ASSERT_EQ(document.tables.size(), 2U);
    EXPECT_THAT(document.tables[0].columns, ElementsAre("ProxySetId", "IpAddress"));
    ASSERT_EQ(document.tables[0].rows.size(), 2U);
    EXPECT_EQ(document.tables[0].rows[0].values[1].text, "a;b,c");
    EXPECT_EQ(document.tables[0].rows[0].text, "\"1\", \"a;b,c\"");
    EXPECT_EQ(document.tables[0].rows[1].index, 7U);
    EXPECT_TRUE(document.tables[0].rows[1].values[0].is_left_out());
    EXPECT_TRUE(document.tables[0].rows[1].values[1].is_left_out());
    EXPECT_THAT(document.tables[1].columns, ElementsAre("RouteName", "DestPort"));
    EXPECT_EQ(document.tables[1].rows[0].values[0].text, "to \"B\"");
    EXPECT_EQ(document.tables[1].rows[0].values[1].text, "5060");
}

TEST(IniDocument, TellsWhereItIsWrong) {
    EXPECT_EQ(fault_of("what is this\n"),
              "device.ini:1:1: found 'what is this'; allowed: NAME = VALUE, [ TABLE ] or ;");
    EXPECT_EQ(fault_of("[ A ]\nFORMAT Index = X, Y;\nA 0 = 1;\n[ \\A ]\n"),
              "device.ini:3:1: A: found 1 values in row 0; allowed: 2, as the FORMAT line has "
              "columns");
    EXPECT_EQ(fault_of("[ A ]\nFORMAT Index = X, x;\n[ \\A ]\n"),
              "device.ini:2:20: A: found column 'x' a second time; allowed: each column once");
    EXPECT_EQ(fault_of("[ A ]\nA 0 = 1;\n[ \\A ]\n"),
              "device.ini:2:1: A: found a row; allowed: a FORMAT line before it, which names its "
              "columns");
    EXPECT_EQ(fault_of("[ A ]\nFORMAT Index = X;\nA 0 = 1;\nA 0 = 2;\n[ \\A ]\n"),
              "device.ini:4:1: A: found row 0 a second time; allowed: each row once");
    EXPECT_EQ(fault_of("[ A ]\nFORMAT Index = X;\nA 0 = \"1;\n[ \\A ]\n"),
              "device.ini:3:7: A: found a text that does not end; allowed: \" after it");
    EXPECT_EQ(fault_of("[ A ]\nFORMAT Index = X;\nB 0 = 1;\n[ \\A ]\n"),
              "device.ini:3:1: A: found 'B'; allowed: FORMAT, A or [ \\A ]");
    EXPECT_EQ(
        fault_of("[ A ]\nFORMAT Index = X;\n"),
        "device.ini:1:1: A: found a table that does not end; allowed: [ \\A ] after its rows");
    EXPECT_EQ(fault_of("[ \\A ]\n"),
              "device.ini:1:1: A: found the end of 'A'; allowed: a table before it");
    EXPECT_EQ(fault_of("A = 1\x01\n"),
              "device.ini:1:6: found byte 0x01; allowed: UTF-8 text without control characters; "
              "save the file as UTF-8, or take the byte out");
}

}  // namespace
}  // namespace trunkline::mgmt
