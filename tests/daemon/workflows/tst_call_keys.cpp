// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/step_factory.h"
#include "daemon/workflows/workflow_file.h"

#include <QTest>

namespace gantry::workflows {

namespace {

const std::string head =
    "name = \"w\"\nversion = 1\n[[step]]\nname = \"a\"\nkind = \"http\"\n"; ///< five lines
const std::string call = head + "service = \"carrier\"\npath = \"/labels\"\n"; ///< seven
const std::string done = call + "compensation = \"none\"\n"; ///< eight

Result<Workflow> readText(const std::string& text)
{
    Handlers handlers = steps::knownHandlers();
    handlers.services = {"carrier", "archive"};
    return readWorkflow(text, "w.toml", &handlers);
}

} // namespace

class CallKeysTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsEveryKey()
    {
        const auto workflow = readText(head + R"(
service = "carrier"
method = "PUT"
path = "/labels/{{order.id}}"
timeout_ms = 15_000
cancel_codes = ["no_credit"]
body = '{"ref":"{{order.id}}","cents":{{order.total}},"lines":{{order.lines}}}'
success = [200, "3xx"]
retryable = [404]
fatal = [503, "4xx"]
[step.headers]
X-Account = "{{metadata.account}}"
[step.codes]
402 = "no_credit"
[step.answer]
member = "/status"
success = ["made", 1, true]
retryable = ["queued"]
fatal = ["refused"]
result = "/label"
code = "/error/code"
message = "/error/text"
[step.retry]
max_attempts = 3
[step.compensate]
method = "DELETE"
path = "/labels/{{order.id}}"
success = [404]
)");
        QVERIFY2(workflow, workflow ? "" : workflow.error().message.c_str());
        const StepDefinition& step = workflow->steps.front();
        QVERIFY(step.kind == StepKind::Http && step.call && step.undoCall);
        QCOMPARE(step.handler, std::string("carrier"));
        QCOMPARE(step.compensation, std::string("carrier"));
        QCOMPARE(step.timeout.count(), 15'000);
        QCOMPARE(step.cancelCodes, (std::vector<std::string>{"no_credit"}));
        QCOMPARE(step.retry.maxAttempts, 3);
        const HttpCall& made = *step.call;
        QCOMPARE(made.method, std::string("PUT"));
        QCOMPARE(made.path.source, std::string("/labels/{{order.id}}"));
        QCOMPARE(made.headers.size(), std::size_t{1});
        QCOMPARE(made.body->pieces.size(), std::size_t{4});
        QVERIFY(verdictOf(made, 200) == CallVerdict::Success && verdictOf(made, 302) == CallVerdict::Success);
        QVERIFY(
            verdictOf(made, 404) == CallVerdict::Retryable && verdictOf(made, 500) == CallVerdict::Retryable);
        QVERIFY(verdictOf(made, 429) == CallVerdict::Fatal && verdictOf(made, 503) == CallVerdict::Fatal);
        QCOMPARE(made.codes, (std::vector<std::pair<int, std::string>>{{402, "no_credit"}}));
        QCOMPARE(made.answer.values.size(), std::size_t{5});
        QVERIFY((made.answer.values[1] == std::pair<std::string, CallVerdict>{"1", CallVerdict::Success}));
        QCOMPARE(made.answer.message, std::string("/error/text"));
        QCOMPARE(step.undoCall->service, std::string("carrier"));
        QCOMPARE(step.undoCall->method, std::string("DELETE"));
        QVERIFY(verdictOf(*step.undoCall, 404) == CallVerdict::Success);
    }

    void aCallMayUndoWhatOthersDid()
    {
        const auto workflow = readText(
            "name = \"w\"\nversion = 1\n[[step]]\nname = \"a\"\nkind = \"manual\"\nrole = "
            "\"support\"\ntimeout_ms = 5000\n[step.compensate]\nservice = \"archive\"\npath = \"/undo\"\n");
        QVERIFY2(workflow, workflow ? "" : workflow.error().message.c_str());
        QCOMPARE(workflow->steps.front().compensation, std::string("archive"));
        QVERIFY(workflow->steps.front().undoCall);
        QCOMPARE(workflow->steps.front().timeout.count(), 5000);
    }

    void servicesOfStoredDefinitionsMayBeGone()
    {
        const std::string text = head + "service = \"gone\"\npath = \"/x\"\ncompensation = \"none\"\n";
        QVERIFY(!readText(text));
        QVERIFY(readWorkflow(text, "w.toml", nullptr));
        const Handlers handlers = steps::knownHandlers();
        QVERIFY(readWorkflow(text, "w.toml", &handlers)); // what is not configured may be later
    }

    void readsWhatIsWithinBounds()
    {
        for (const char* path :
            {"/", "/a", "/a/", "/a/b?c=d&e={{order.id}}", "/a%20b", "/{{step}}/{{attempt}}"})
            QVERIFY2(
                readText(head + "service = \"carrier\"\ncompensation = \"none\"\npath = \"" + path + "\"\n"),
                path);
        for (const char* body : {"{}", "[]", "\"{{order.id}}\"", "{{order}}", "{{order.total}}",
                 "[{{order.lines}}]", R"({"a":"x {{step}} y {{metadata.a b}}"})"})
            QVERIFY2(readText(done + "body = '" + body + "'\n"), body);
        QVERIFY(readText(done + "answer = { ignore = true }\n"));
    }

    void tellsEachMistakeWithItsPlace_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char* title, const std::string& text, const char* expected) {
            QTest::newRow(title) << QByteArray::fromStdString(text) << QByteArray(expected);
        };
        row("no service", head + "path = \"/x\"\ncompensation = \"none\"\n",
            "w.toml:3:1: step a: service is missing.");
        row("no path", head + "service = \"carrier\"\ncompensation = \"none\"\n",
            "w.toml:3:1: step a: path is missing.");
        row("unknown service", head + "service = \"other\"\npath = \"/x\"\n",
            "w.toml:6:11: step a: service names nothing that this daemon may call. Add [service.other]");
        row("bad service", head + "service = \"../x\"\npath = \"/x\"\n",
            "w.toml:6:11: step a: service must have");
        row("no compensation", call, "w.toml:3:1: step a: compensation is missing. Write [step.compensate]");
        row("a handler's compensation", call + "compensation = \"payment.refund\"\n",
            "w.toml:8:16: step a: compensation must be \"none\"");
        row("both compensations", done + "[step.compensate]\npath = \"/x\"\n",
            "w.toml:8:16: step a: compensation must not stand beside compensate");
        row("worker with a call",
            "name = \"w\"\nversion = 1\n[[step]]\nname = \"a\"\nkind = \"worker\"\nhandler = "
            "\"x\"\ncompensation = "
            "\"none\"\n[step.compensate]\npath = \"/x\"\n",
            "w.toml:8:1: step a: compensate must not stand at a worker's step");
        row("timer with a call",
            "name = \"w\"\nversion = 1\n[[step]]\nname = \"a\"\nkind = \"timer\"\ndelay_ms = 1\n"
            "[step.compensate]\npath = \"/x\"\n",
            "w.toml:7:1: step a: compensate has no effect at this step");
        row("handler", done + "handler = \"validate\"\n", "w.toml:9:11: step a: handler must not stand");
        row("role", done + "role = \"admin\"\n", "w.toml:9:8: step a: role stands at persons' steps only");
        row("method", done + "method = \"get\"\n", "w.toml:9:10: step a: method must be POST");
        row("unknown key", done + "url = \"http://x\"\n", "w.toml:9:1: step a: url is not a known key.");
        row("unknown key of undoing", call + "[step.compensate]\npath = \"/x\"\nkind = \"http\"\n",
            "w.toml:10:1: step a, compensate: kind is not a known key.");
        row("no path of undoing", call + "[step.compensate]\n",
            "w.toml:8:1: step a, compensate: path is missing.");
        row("call at another kind",
            "name = \"w\"\nversion = 1\n[[step]]\nname = \"a\"\nkind = \"manual\"\nrole = "
            "\"admin\"\npath = \"/x\"\n",
            "w.toml:7:1: step a: path is not a known key.");
        const auto path = [&row](const char* title, const std::string& text, const char* expected) {
            row(title, head + "service = \"carrier\"\npath = '" + text + "'\ncompensation = \"none\"\n",
                expected);
        };
        path("path without slash", "labels", "w.toml:7:8: step a: path must begin with one /");
        path("another host", "//evil.example/x", "path must begin with one /");
        path("blank in path", "/a b", "path must begin");
        path("fragment in path", "/a#b", "path must begin");
        path("umlaut in path", "/ä", "path must begin");
        path("upwards", "/a/../b", "path has a part that is empty, . or ..");
        path("empty part", "/a//b", "path has a part that is empty");
        path("unknown placeholder", "/{{order.totl}}",
            "w.toml:7:8: step a: path (character 2 of it): {{order.totl}} is not a placeholder.");
        path("open placeholder", "/{{order.id", "path (character 2 of it): {{ is not closed.");
        path("empty placeholder", "/{{}}", "{{}} is not a placeholder.");
        path("metadata without key", "/{{metadata.}}", "metadata. needs a key");
        path("JSON in path", "/{{order.lines}}", "path asks for a field that gives JSON");
        row("body of GET", done + "method = \"GET\"\nbody = '{}'\n",
            "w.toml:10:8: step a: body must not stand at GET");
        for (const char* body :
            {"{", "hello", R"({"a":{{order.id}}})", R"({"a":"{{order.lines}}"})", "{} {}"})
            row(body, done + "body = '" + body + "'\n",
                "w.toml:9:8: step a: body is not JSON when its placeholders");
        row("unknown placeholder in body", done + "body = '{\"a\":\"{{x}}\"}'\n",
            "body (character 7 of it): {{x}} is not");
        row("own header", done + "headers = { Host = \"x\" }\n",
            "w.toml:9:20: step a, headers: Host is written by Gantry");
        row("header's name", done + "headers = { \"a b\" = \"x\" }\n", "a b is not the name of a header");
        row("two headers in one", done + "headers = { a = \"x\\r\\nb: c\" }\n", "a must be one line");
        row("JSON in header", done + "headers = { a = \"{{order}}\" }\n",
            "a asks for a field that gives JSON");
        row("header that is no text", done + "headers = { a = 5 }\n", "a must be a text");
        row("status", done + "success = [99]\n", "w.toml:9:11: step a: success must hold statuses");
        row("hundred", done + "success = [\"1xx\"]\n", "success must hold statuses");
        row("no statuses", done + "fatal = []\n", "fatal must hold 1 to 50 statuses");
        row("status twice", done + "success = [200]\nfatal = [200]\n",
            "w.toml:10:9: step a: fatal holds a status that has a meaning");
        row("code for no status", done + "[step.codes]\n1000 = \"x\"\n",
            "w.toml:10:8: step a, codes: 1000 is not a status");
        row("bad code", done + "[step.codes]\n402 = \"No Credit\"\n", "402 must be a failure code");
        row("pointer", done + "answer = { result = \"data\" }\n",
            "step a, answer: result must be a JSON pointer");
        row("pointer with a tilde", done + "answer = { result = \"/a~2\" }\n",
            "result must be a JSON pointer");
        row("member alone", done + "answer = { member = \"/a\" }\n", "step a: answer needs both");
        row("values alone", done + "answer = { fatal = [\"x\"] }\n", "answer needs both");
        row("value twice", done + "answer = { member = \"/a\", fatal = [\"1\"], success = [1] }\n",
            "fatal holds a value that has a meaning");
        row("value of a strange type", done + "answer = { member = \"/a\", fatal = [1.5] }\n",
            "fatal must hold texts");
        row("ignored and used", done + "answer = { ignore = true, member = \"/a\" }\n",
            "member has no effect where the answer is ignored");
        row("ignore that is no truth", done + "answer = { ignore = \"yes\" }\n",
            "ignore must be true or false");
        row("unknown key of answer", done + "answer = { body = \"/a\" }\n",
            "step a, answer: body is not a known key.");
    }

    void tellsEachMistakeWithItsPlace()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, expected);
        const auto workflow = readText(text.toStdString());
        QVERIFY(!workflow);
        std::string all;
        bool isThere = false;
        for (const FieldError& field : workflow.error().fields) {
            all += field.message + '\n';
            isThere = isThere || field.message.find(expected.toStdString()) != std::string::npos;
        }
        QVERIFY2(isThere, all.c_str());
    }
};

} // namespace gantry::workflows

QTEST_APPLESS_MAIN(gantry::workflows::CallKeysTest)
#include "tst_call_keys.moc"
