// The debug file and the auxiliary files.
#include "mgmt/rest/tar_archive.h"
#include "played_control.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::string unzipped(const std::string& archive) {
    z_stream stream{};
    EXPECT_EQ(::inflateInit2(&stream, 15 + 16), Z_OK);
    std::string bytes(std::size_t{64} << 20, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(archive.data()));
    stream.avail_in = static_cast<uInt>(archive.size());
    stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
    stream.avail_out = static_cast<uInt>(bytes.size());
    EXPECT_EQ(::inflate(&stream, Z_FINISH), Z_STREAM_END);
    bytes.resize(stream.total_out);
    ::inflateEnd(&stream);
    return bytes;
}

/// Name -> content, as ustar has them: a header of 512 bytes, the content filled up to as many.
std::map<std::string, std::string> files_in(const std::string& archive) {
    const std::string bytes = unzipped(archive);
    std::map<std::string, std::string> files;
    EXPECT_EQ(bytes.size() % 512, 0U);
    std::size_t at = 0;
    while (at + 512 <= bytes.size() && bytes[at] != '\0') {
        const std::string name = bytes.substr(at).c_str();
        const std::size_t size = std::stoul(bytes.substr(at + 124, 11), nullptr, 8);
        files[name] = bytes.substr(at + 512, size);
        at += 512 + (size + 511) / 512 * 512;
    }
    EXPECT_EQ(bytes.size() - at, 1024U) << "two empty blocks are the end";
    return files;
}

TEST(TarArchive, HasItsFilesWhateverTheirSize) {
    TarArchive archive(std::chrono::system_clock::time_point{std::chrono::seconds(1'700'000'000)});
    std::map<std::string, std::string> wanted;
    for (const std::size_t size : {0U, 1U, 511U, 512U, 513U, 200'000U}) {
        const std::string name = "d/" + std::to_string(size);
        wanted[name] = std::string(size, 'x');
        archive.add(name, wanted[name]);
    }
    EXPECT_EQ(files_in(archive.finish()), wanted);
}

TEST(TarArchiveDeathTest, ANameThatItHasNoRoomForIsAFaultOfOurs) {
    TarArchive archive({});
    EXPECT_DEATH(archive.add(std::string(101, 'a'), ""), "no fit name");
    EXPECT_DEATH(archive.add("/etc/passwd", ""), "no fit name");
}

class KeptFiles : public PlayedControl {
protected:
    json reply_to(const json& request) override {
        const std::string command = request["command"];
        if (command == hangs_at) {
            std::unique_lock guard(lock);
            is_asked = true;
            changed.notify_all();
            changed.wait(guard, [this] { return goes_on; });
        }
        if (command == refuses) {
            return {{"ok", false}, {"error", "not now"}};
        }
        if (command == "configuration text") {
            return {{"ok", true}, {"text", text}};
        }
        return {{"ok", true}, {"of", command}};
    }
    HttpResponse ask(const std::string& method, const std::string& path,
                     const std::string& body = "") {
        HttpRequest request;
        request.method = method;
        request.path = "/api/v1/files/" + path;
        request.body = body;
        return answer(request);
    }
    std::string text = "[ Account ]\n";
    std::string refuses, hangs_at;
    std::mutex lock;
    std::condition_variable changed;
    bool is_asked = false, goes_on = false;
};

TEST_F(KeptFiles, ThereIsADebugFileOnceOneWasMade) {
    EXPECT_EQ(ask("GET", "debugFile").status, 404);
    const HttpResponse made = ask("POST", "create/debugFile", R"({"attachCoreDump":true})");
    ASSERT_EQ(made.status, 200) << made.body;
    EXPECT_EQ(json::parse(made.body)["transactionId"], 1);
    const HttpResponse got = ask("GET", "debugFile");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.content_type, "application/gzip");
    auto files = files_in(got.body);
    EXPECT_EQ(files["debug/configuration.ini"], "[ Account ]\n");
    EXPECT_EQ(files["debug/log.txt"], "the log\n");
    EXPECT_EQ(json::parse(files["debug/status.json"])["of"], "system status");
    EXPECT_THAT(files["debug/contents.txt"], HasSubstr("ann (REST 192.0.2.7)"));
    EXPECT_THAT(files["debug/contents.txt"], HasSubstr("no core dump"));
    for (const auto& [name, content] : files) {
        const std::string bare = name.substr(std::string("debug/").size());
        EXPECT_TRUE(bare == "contents.txt" ||
                    files["debug/contents.txt"].find(bare + ": ") != std::string::npos)
            << bare;
    }
    EXPECT_EQ(json::parse(ask("POST", "create/debugFile").body)["transactionId"], 2);
}

TEST_F(KeptFiles, TheDebugFileAsksForNoSecret) {
    ask("POST", "create/debugFile");
    for (const json& request : requests) {
        if (request["command"] == "configuration text") {
            EXPECT_EQ(request["secrets"], "hidden");
        }
    }
}

TEST_F(KeptFiles, WhatTheApplianceDoesNotAnswerIsToldInTheDebugFile) {
    refuses = "show proxy-sets";
    ASSERT_EQ(ask("POST", "create/debugFile").status, 200);
    auto files = files_in(ask("GET", "debugFile").body);
    EXPECT_FALSE(files.contains("debug/proxy-sets.json"));
    EXPECT_THAT(files["debug/contents.txt"],
                HasSubstr("proxy-sets.json: missing, as the appliance said: not now"));
}

TEST_F(KeptFiles, AFileOfTheDebugFileIsCutWhereItIsTooLong) {
    text = std::string(DebugFile::most_bytes + 1, 'x');
    ASSERT_EQ(ask("POST", "create/debugFile").status, 200);
    auto files = files_in(ask("GET", "debugFile").body);
    EXPECT_EQ(files["debug/configuration.ini"].size(), DebugFile::most_bytes);
    EXPECT_THAT(files["debug/contents.txt"], HasSubstr("cut at"));
}

TEST_F(KeptFiles, ADebugFileThatIsBeingMadeIsAConflictThatNamesItsMaker) {
    hangs_at = "show counters";
    std::thread first([this] { EXPECT_EQ(ask("POST", "create/debugFile").status, 200); });
    {
        std::unique_lock guard(lock);
        changed.wait(guard, [this] { return is_asked; });
    }
    const HttpResponse second = ask("POST", "create/debugFile");
    EXPECT_EQ(second.status, 409);
    EXPECT_THAT(second.body, HasSubstr("ann (REST 192.0.2.7)"));
    {
        const std::lock_guard guard(lock);
        goes_on = true;
    }
    changed.notify_all();
    first.join();
    EXPECT_EQ(ask("POST", "create/debugFile").status, 200);
}

TEST_F(KeptFiles, ADebugFileIsAskedForByAnObject) {
    EXPECT_EQ(ask("POST", "create/debugFile", R"({"attachCoreDump":1})").status, 400);
    EXPECT_EQ(ask("POST", "create/debugFile", "[]").status, 400);
    EXPECT_EQ(ask("POST", "create/debugFile", "{").status, 400);
}

TEST_F(KeptFiles, AnAuxiliaryFileComesBackAsItWasPut) {
    const std::string content("\0\xff tones\r\n", 10);
    EXPECT_EQ(ask("GET", "cpt").status, 404);
    EXPECT_THAT(ask("GET", "").body, Not(HasSubstr("cpt")));
    EXPECT_EQ(ask("PUT", "cpt", content).status, 200);
    EXPECT_EQ(ask("GET", "cpt").body, content);
    EXPECT_THAT(ask("GET", "").body, HasSubstr(R"("url":"/api/v1/files/cpt")"));
    EXPECT_EQ(ask("PUT", "cpt/hitless", "others").status, 200);
    EXPECT_EQ(ask("GET", "cpt").body, "others");
    EXPECT_EQ(ask("PUT", "cpt", "").status, 400);
    EXPECT_EQ(ask("GET", "dialplan").status, 404);
    EXPECT_EQ(ask("DELETE", "cpt").status, 200);
    EXPECT_EQ(ask("DELETE", "cpt").status, 404);
    EXPECT_EQ(ask("GET", "cpt").status, 404);
}

TEST_F(KeptFiles, WhatThisVersionCannotKeepIsRefusedWithTheReason) {
    for (const char* const path : {"software", "software/hitless", "configurationPackage"}) {
        const HttpResponse refused = ask("PUT", path, "x");
        EXPECT_EQ(refused.status, 501) << path;
        EXPECT_THAT(refused.body, HasSubstr("this version")) << path;
    }
}

}  // namespace
}  // namespace trunkline::mgmt
