// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/step_factory.h"
#include "daemon/workflows/shipped.h"
#include "daemon/workflows/workflow_file.h"

#include <QTest>

namespace gantry::workflows {

namespace {

const std::string head = "name = \"w\"\nversion = 1\n[[step]]\nname = \"a\"\n"; ///< four lines
const std::string manual = "kind = \"manual\"\nrole = \"support\"\n";
const std::string service = "kind = \"service\"\nhandler = \"payment.capture\"\n";
const std::string timer = "kind = \"timer\"\ndelay_ms = 1000\n";
const std::string approval = "kind = \"approval\"\nrole = \"support\"\n";
const std::string builtin = "kind = \"builtin\"\nhandler = \"validate\"\n";

Result<Workflow> readText(const std::string& text)
{
    const Handlers handlers = steps::knownHandlers();
    return readWorkflow(text, "w.toml", &handlers);
}

bool has(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

class WorkflowFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void shippedFilesAreSound()
    {
        std::vector<std::string> names;
        const Handlers handlers = steps::knownHandlers();
        for (const ShippedFile& file : shippedFiles()) {
            const auto workflow = readWorkflow(file.text, std::string(file.name), &handlers);
            QVERIFY2(workflow, workflow ? "" : workflow.error().message.c_str());
            QCOMPARE(workflow->name + ".toml", std::string(file.name));
            QVERIFY(!workflow->description.empty());
            names.push_back(workflow->name);
        }
        QCOMPARE(names, (std::vector<std::string>{"standard", "prepaid", "fraud-review", "digital"}));
    }

    void standardIsWhatOrdersAlwaysRanThrough()
    {
        auto workflow = readText(std::string(shippedFiles().front().text));
        QVERIFY(workflow);
        workflow->description.clear();
        QVERIFY(*workflow == standardWorkflow());
    }

    void everyHandlerIsThere()
    {
        const auto registry = steps::makeSteps({});
        const Handlers handlers = steps::knownHandlers();
        for (const std::string& name : handlers.builtin)
            QVERIFY2(registry.builtin(name), name.c_str());
        for (const auto* names : {&handlers.service, &handlers.compensation})
            for (const std::string& name : *names)
                QVERIFY2(registry.runner(name), name.c_str());
    }

    void readsEveryKey()
    {
        const auto workflow = readText(head + service
            + "compensation = \"payment.refund\"\ntimeout_ms = 100\nwhen = 'total > 0'\n"
              "retry = { max_attempts = 3, initial_ms = 2, factor = 3, max_ms = 4, fatal_codes = [\"no\"] }\n"
              "[[step]]\nname = \"b\"\nkind = \"manual\"\nrole = \"warehouse\"\n");
        QVERIFY2(workflow, workflow ? "" : workflow.error().message.c_str());
        const StepDefinition& step = workflow->steps.front();
        QCOMPARE(step.handler, std::string("payment.capture"));
        QCOMPARE(step.compensation, std::string("payment.refund"));
        QCOMPARE(step.timeout.count(), 100);
        QVERIFY(step.when == *parseCondition("total > 0"));
        QVERIFY((step.retry
            == RetryPolicy{3, std::chrono::milliseconds(2), 3.0, std::chrono::milliseconds(4), {"no"}}));
        QVERIFY(workflow->steps[1].role == Role::Warehouse);
    }

    void workersNameTheirTasks()
    {
        const auto workflow = readText(head
            + "kind = \"worker\"\nhandler = \"label.print\"\ncompensation = \"label.void\"\ntimeout_ms = "
              "60_000\n");
        QVERIFY2(workflow, workflow ? "" : workflow.error().message.c_str());
        const StepDefinition& step = workflow->steps.front();
        QVERIFY(step.kind == StepKind::Worker);
        QCOMPARE(step.handler, std::string("label.print"));
        QCOMPARE(step.compensation, std::string("label.void"));
        const auto wrong = readText(head + "kind = \"worker\"\nhandler = \"Label Print\"\n");
        QCOMPARE(wrong.error().fields.size(), std::size_t{2}); // no task's name, and nothing said of undoing
    }

    void reservesForATime()
    {
        const std::string allocate = "kind = \"builtin\"\nhandler = \"allocate\"\n";
        const std::string next = "[[step]]\nname = \"b\"\n";
        const auto read = [&](const std::string& key, const std::string& rest) {
            return readText(head + allocate + key + rest);
        };
        const auto whole = read("reserve_for_ms = 60_000\n", next + manual);
        QVERIFY2(whole, whole ? "" : whole.error().message.c_str());
        QVERIFY(whole->steps[0].reserveFor == std::chrono::minutes(1));
        QVERIFY(read("", next + manual)->steps[0].reserveFor.count() == 0);
        const auto mistake = [&](const std::string& key, const std::string& rest) {
            const auto wrong = read(key, rest);
            return wrong ? std::string("taken") : wrong.error().fields.front().message;
        };
        QVERIFY(
            has(mistake("reserve_for_ms = 59_999\n", next + manual), "w.toml:7:18: step a: reserve_for_ms"));
        QVERIFY(
            has(mistake("reserve_for_ms = 60_000\n", ""), "reserve_for_ms has no effect at the last step"));
        QVERIFY(has(mistake("reserve_for_ms = 60_000\n", next + "kind = \"timer\"\ndelay_ms = 60_000\n"),
            "is over before step b can be done"));
        QVERIFY(has(mistake("reserve_for_ms = 60_000\n",
                        next + service + "compensation = \"none\"\ntimeout_ms = 60_000\n"),
            "is over before step b can be done"));
        QVERIFY(has(mistake("reserve_for_ms = 60_000\n",
                        next + allocate + "reserve_for_ms = 60_000\n[[step]]\nname = \"c\"\n" + manual),
            "step b: reserve_for_ms stands at another step already"));
        // A step that is not for each order is looked at, too, and the one behind it.
        QVERIFY(has(
            mistake("reserve_for_ms = 60_000\n",
                next + manual
                    + "when = 'total > 1'\n[[step]]\nname = \"c\"\nkind = \"timer\"\ndelay_ms = 70_000\n"),
            "is over before step c can be done"));
        const auto elsewhere = readText(head + manual + "reserve_for_ms = 60_000\n");
        QVERIFY(!elsewhere
            && has(
                elsewhere.error().fields.front().message, "stands at steps with the handler allocate only"));
    }

    void limitsByKey()
    {
        const auto read = [](const std::string& limit) {
            return readText(head
                + "kind = \"worker\"\nhandler = \"label\"\ncompensation = \"none\"\n[step.limit]\n" + limit);
        };
        const auto whole =
            read("key = \"metadata.carrier_account\"\nconcurrency = 5\nrate = 20\nper_ms = 60_000\n");
        QVERIFY2(whole, whole ? "" : whole.error().message.c_str());
        QVERIFY((whole->steps[0].limit
            == StepLimit{
                parseTextField("metadata.carrier_account"), 5, 20, std::chrono::milliseconds(60'000)}));
        QVERIFY((read("rate = 3\n")->steps[0].limit == StepLimit{{}, 0, 3, std::chrono::milliseconds(1000)}));
        QVERIFY(!readText(head + builtin)->steps[0].limit);
        const auto mistake = [&](const std::string& limit) {
            const auto wrong = read(limit);
            return wrong ? std::string("none") : wrong.error().fields.front().message;
        };
        QVERIFY(has(mistake("key = \"channel\"\n"), "concurrency"));
        QVERIFY(has(mistake("key = \"total\"\nrate = 1\n"), "w.toml:9:7: step a, limit: key is not a field"));
        QVERIFY(has(mistake("concurrency = 0\n"), "concurrency must be a whole number from 1"));
        QVERIFY(has(mistake("concurrency = 1\nper_ms = 5\n"), "per_ms says over which time"));
        QVERIFY(has(mistake("concurrency = 1\nburst = 5\n"), "burst is not a known key"));
        const auto manuals = readText(head + manual + "limit = { concurrency = 1 }\n");
        QVERIFY(!manuals && has(manuals.error().fields.front().message, "limit has no effect at this step"));
    }

    void timesOfWorkers()
    {
        const std::string worker = "kind = \"worker\"\nhandler = \"label\"\ncompensation = \"none\"\n";
        const auto read = [&worker](const std::string& times) { return readText(head + worker + times); };
        const auto whole =
            read("timeout_ms = 5_000\nstart_timeout_ms = 60_000\nrun_timeout_ms = 604_800_000\n");
        QVERIFY2(whole, whole ? "" : whole.error().message.c_str());
        QCOMPARE(whole->steps[0].timeout.count(), 5'000);
        QCOMPARE(whole->steps[0].startTimeout.count(), 60'000);
        QCOMPARE(whole->steps[0].runTimeout.count(), 604'800'000);
        const auto none = read({});
        QCOMPARE(none->steps[0].startTimeout.count(), 0);
        QCOMPARE(none->steps[0].runTimeout.count(), 0);
        QVERIFY(read("run_timeout_ms = 30_000\n")); // as long as a lease
        const auto mistake = [](const Result<Workflow>& wrong) {
            return wrong ? std::string("none") : wrong.error().fields.front().message;
        };
        const auto has = [](const std::string& text, const char* part) {
            return text.find(part) != std::string::npos;
        };
        QVERIFY(has(mistake(read("start_timeout_ms = 99\n")),
            "w.toml:8:20: step a: start_timeout_ms must be a whole number from 100 to 604800000"));
        QVERIFY(has(mistake(read("run_timeout_ms = 29_999\n")),
            "w.toml:8:18: step a: run_timeout_ms is less than timeout_ms (30000)"));
        QVERIFY(has(mistake(read("heartbeat_ms = 500\n")), "heartbeat_ms is called timeout_ms"));
        QVERIFY(has(mistake(readText(head + service + "compensation = \"none\"\nrun_timeout_ms = 500\n")),
            "run_timeout_ms stands at workers' steps only"));
        QVERIFY(has(mistake(readText(head + manual + "start_timeout_ms = 500\n")),
            "start_timeout_ms stands at workers' steps only"));
    }

    void timersAndApprovals()
    {
        const auto workflow = readText(head + timer + "[[step]]\nname = \"b\"\nkind = \"timer\"\n"
            + "before_promise_ms = 0\n[[step]]\nname = \"c\"\n" + approval
            + "approvals = 2\ntarget_ms = 5000\n[[step]]\nname = \"d\"\n" + approval
            + "on_reject = \"incident\"\n[[step]]\nname = \"e\"\n" + builtin
            + "cancel_codes = [\"no\", \"*\"]\n");
        QVERIFY2(workflow, workflow ? "" : workflow.error().message.c_str());
        const auto& steps = workflow->steps;
        QCOMPARE(steps[0].delay.count(), 1000);
        QVERIFY(!steps[0].beforePromise);
        QCOMPARE(steps[1].beforePromise.value().count(), 0);
        QCOMPARE(int(steps[2].approvals), 2);
        QCOMPARE(steps[2].target.count(), 5000);
        QCOMPARE(steps[2].cancelCodes, (std::vector<std::string>{"rejected"}));
        QCOMPARE(int(steps[3].approvals), 1);
        QVERIFY(steps[3].cancelCodes.empty());
        QCOMPARE(steps[4].cancelCodes, (std::vector<std::string>{"no", "*"}));
    }

    void tellsEachMistakeWithItsPlace_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char* title, const std::string& text, const char* expected) {
            QTest::newRow(title) << QByteArray::fromStdString(text) << QByteArray(expected);
        };
        row("not TOML", "name = \n", "w.toml:1:8: ");
        row("key twice", "name = \"w\"\nname = \"w\"\n", "w.toml:2:");
        row("empty file", "", "w.toml:1:1: workflow: name is missing.");
        row("no version", "name = \"w\"\n[[step]]\n", "w.toml:1:1: workflow: version is missing.");
        row("no step", "name = \"w\"\nversion = 1\n", "w.toml:1:1: workflow: step is missing");
        row("empty list of steps", "name = \"w\"\nversion = 1\nstep = []\n",
            "w.toml:3:8: workflow: step is missing");
        row("bad name", "name = \"W W\"\n", "w.toml:1:8: workflow: name must have");
        row("dot in name", "name = \"w.w\"\n", "w.toml:1:8: workflow: name must have");
        row("zero version", "name = \"w\"\nversion = 0\n",
            "w.toml:2:11: workflow: version must be a whole number from 1");
        row("text version", "version = \"1\"\n", "w.toml:1:11: workflow: version must be a whole");
        row("unknown key", "title = \"w\"\n", "w.toml:1:1: workflow: title is not a known key.");
        row("unknown key of a step", head + manual + "timeout = 5\n",
            "w.toml:7:1: step a: timeout is not a known key.");
        row("key to come", head + manual + "jitter = 5\n",
            "w.toml:7:1: step a: jitter is not honored by this version");
        row("step twice", head + manual + "[[step]]\nname = \"a\"\n" + manual,
            "w.toml:8:8: step a stands twice.");
        row("no kind", head, "w.toml:3:1: step a: kind is missing.");
        row("unknown kind", head + "kind = \"magic\"\n", "w.toml:5:8: step a: kind is not a known kind.");
        row("timer without a time", head + "kind = \"timer\"\n", "w.toml:3:1: step a: delay_ms is missing.");
        row("timer with two times", head + "kind = \"timer\"\nbefore_promise_ms = 1\ndelay_ms = 1\n",
            "w.toml:7:12: step a: delay_ms can't stand beside before_promise_ms.");
        row("timer of no time", head + "kind = \"timer\"\ndelay_ms = 0\n",
            "w.toml:6:12: step a: delay_ms must be a whole number from 1");
        row("handler at a timer", head + timer + "handler = \"validate\"\n",
            "w.toml:7:11: step a: handler must not stand at a timer");
        row("role at a timer", head + timer + "role = \"admin\"\n",
            "w.toml:7:8: step a: role stands at persons'");
        row("undone timer", head + timer + "compensation = \"payment.refund\"\n",
            "w.toml:7:16: step a: compensation has no effect at this step");
        row("retried timer", head + timer + "retry = {}\n", "w.toml:7:9: step a: retry has no effect");
        row("target of a timer", head + timer + "target_ms = 5\n",
            "w.toml:7:13: step a: target_ms has no effect");
        row("delay elsewhere", head + manual + "delay_ms = 5\n",
            "w.toml:7:12: step a: delay_ms stands at timers only");
        row("approval of nobody", head + "kind = \"approval\"\n", "w.toml:3:1: step a: role is missing.");
        row("no approvals", head + approval + "approvals = 0\n",
            "w.toml:7:13: step a: approvals must be a whole number from 1 to 10");
        row("odd refusal", head + approval + "on_reject = \"shrug\"\n",
            "w.toml:7:13: step a: on_reject must be cancel or incident");
        row("approvals elsewhere", head + manual + "approvals = 2\n",
            "w.toml:7:13: step a: approvals stands at approvals only");
        row("codes of a person", head + manual + "cancel_codes = [\"no\"]\n",
            "w.toml:7:16: step a: cancel_codes has no effect");
        row("odd code to cancel by", head + builtin + "cancel_codes = [\"no way\"]\n",
            "w.toml:7:16: step a: cancel_codes holds something other than failure codes");
        row("code to cancel by twice", head + builtin + "cancel_codes = [\"no\", \"no\"]\n",
            "w.toml:7:16: step a: cancel_codes holds no twice");
        row("every code is never fatal", head + builtin + "retry = { fatal_codes = [\"*\"] }\n",
            "w.toml:7:25: step a, retry: fatal_codes holds something other");
        row("no handler", head + "kind = \"builtin\"\n", "w.toml:3:1: step a: handler is missing.");
        row("handler of another kind", head + "kind = \"builtin\"\nhandler = \"payment.capture\"\n",
            "w.toml:6:11: step a: handler names nothing that this version of Gantry has. Choose one of "
            "allocate, validate.");
        row("handler that undoes",
            head + "kind = \"service\"\nhandler = \"payment.refund\"\ncompensation = \"none\"\n",
            "w.toml:6:11: step a: handler names nothing");
        row("handler at a manual step", head + manual + "handler = \"validate\"\n",
            "w.toml:7:11: step a: handler must not stand");
        row("role at a machine's step", head + builtin + "role = \"admin\"\n",
            "w.toml:7:8: step a: role stands at persons' steps only");
        row("no role", head + "kind = \"manual\"\n", "w.toml:3:1: step a: role is missing.");
        row("viewer", head + "kind = \"manual\"\nrole = \"viewer\"\n",
            "w.toml:6:8: step a: role must be warehouse");
        row("no compensation", head + service, "w.toml:3:1: step a: compensation is missing.");
        row("unknown compensation", head + service + "compensation = \"payment.capture\"\n",
            "w.toml:7:16: step a: compensation names nothing");
        row("no time at all", head + service + "compensation = \"none\"\ntimeout_ms = 0\n",
            "w.toml:8:14: step a: timeout_ms must be a whole number from 100 to 3600000.");
        row("fractional time", head + service + "compensation = \"none\"\ntimeout_ms = 1.5\n",
            "w.toml:8:14: step a: timeout_ms must be");
        row("time-out without effect", head + builtin + "timeout_ms = 1000\n",
            "w.toml:7:14: step a: timeout_ms has no effect");
        row("retry without effect", head + manual + "retry = { max_attempts = 2 }\n",
            "w.toml:7:9: step a: retry has no effect");
        row("no attempt", head + builtin + "retry = { max_attempts = 0 }\n",
            "w.toml:7:26: step a, retry: max_attempts must be");
        row("too many attempts", head + builtin + "retry = { max_attempts = 101 }\n",
            "max_attempts must be a whole number from 1 to 100.");
        row("shrinking waits", head + builtin + "retry = { factor = 0.5 }\n",
            "w.toml:7:20: step a, retry: factor must be a number from 1 to 100.");
        row("endless factor", head + builtin + "retry = { factor = inf }\n", "factor must be a number");
        row("max below initial", head + builtin + "retry = { initial_ms = 500, max_ms = 100 }\n",
            "w.toml:7:38: step a, retry: max_ms is less");
        row("negative wait", head + builtin + "retry = { initial_ms = -1 }\n",
            "initial_ms must be a whole number from 1");
        row("unknown retry key", head + builtin + "[step.retry]\ntries = 3\n",
            "w.toml:8:1: step a, retry: tries is not a known key.");
        row("retry that is no table", head + builtin + "retry = 3\n",
            "w.toml:7:9: step a: retry must be a table.");
        row("codes that are no texts", head + builtin + "retry = { fatal_codes = [1] }\n",
            "fatal_codes holds something other");
        row("code twice", head + builtin + "retry = { fatal_codes = [\"x\", \"x\"] }\n",
            "fatal_codes holds x twice");
        row("bad condition", head + manual + "when = 'total > \"5\"'\n",
            "w.toml:7:17: step a: when: total is a number.");
        row("bad condition after other scripts", head + manual + "when = 'region == \"Köln\" and totl > 5'\n",
            "w.toml:7:30: step a: when: totl is not a field.");
        row("bad condition in double quotes", head + manual + "when = \"totl > 5\"\n",
            "w.toml:7:8: step a: when (character 1 of it): totl is not a field.");
        row("condition everywhere", head + manual + "when = 'total > 5'\n",
            "w.toml:3:1: workflow: step has a condition everywhere");
        row("steps as one table", "name = \"w\"\nversion = 1\n[step]\nname = \"a\"\n",
            "w.toml:3:1: workflow: step must be a list.");
        row("too large", std::string(70'000, '#'), "w.toml:1:1: the file is larger than 64 KiB.");
    }
    void tellsEachMistakeWithItsPlace()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, expected);
        const auto workflow = readText(text.toStdString());
        QVERIFY(!workflow);
        QCOMPARE(workflow.error().code, ErrorCode::InvalidValue);
        std::string all;
        bool isThere = false;
        for (const FieldError& field : workflow.error().fields) {
            all += field.message + '\n';
            isThere = isThere || field.message.find(expected.toStdString()) != std::string::npos;
        }
        QVERIFY2(isThere, all.c_str());
    }

    void tellsAllMistakesAtOnce()
    {
        const auto workflow = readText(
            "name = \"W\"\nversion = 0\n[[step]]\nname = \"a\"\nkind = \"manual\"\nhandler = \"x\"\n");
        QVERIFY(!workflow);
        QCOMPARE(workflow.error().fields.size(), std::size_t{4});
        QVERIFY(workflow.error().message.find("4 mistakes") != std::string::npos);
    }

    void hasLimits()
    {
        std::string text = "name = \"w\"\nversion = 1\n";
        for (int i = 0; i < 100; ++i)
            text += "[[step]]\nname = \"s" + std::to_string(i) + "\"\n" + manual;
        QVERIFY(readText(text));
        QVERIFY(!readText(text + "[[step]]\nname = \"more\"\n" + manual));
        QVERIFY(readText("description = \"" + std::string(1000, 'x') + "\"\n" + head + manual));
        QVERIFY(!readText("description = \"" + std::string(1001, 'x') + "\"\n" + head + manual));
        QVERIFY(isWellFormedName(std::string(64, 'a')));
        QVERIFY(!isWellFormedName(std::string(65, 'a')));
        for (const char* name : {"", "1a", "-a", "_a", "A", "a b", "a.b", "ä"})
            QVERIFY2(!isWellFormedName(name), name);
    }

    void storedDefinitionsNeedNoHandlers()
    {
        const std::string text = head + "kind = \"builtin\"\nhandler = \"of.long.ago\"\n";
        QVERIFY(!readText(text));
        QVERIFY(readWorkflow(text, "w.toml", nullptr));
    }
};

} // namespace gantry::workflows

QTEST_APPLESS_MAIN(gantry::workflows::WorkflowFileTest)
#include "tst_workflow_file.moc"
