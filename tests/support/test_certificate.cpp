// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_certificate.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace gantry::test {

TestCertificate makeTestCertificate(const std::string& prefix, const CertificatePlan& plan)
{
    const TestCertificate made{prefix + ".pem", prefix + ".key"};
    std::vector<std::string> words{"openssl", "req", "-x509", "-nodes", "-newkey", plan.algorithm, "-days",
        std::to_string(plan.days), "-subj", "/CN=test", "-addext", "subjectAltName=" + plan.name, "-keyout",
        made.key, "-out", made.certificate};
    if (plan.algorithm == "ec")
        words.insert(words.end(), {"-pkeyopt", "ec_paramgen_curve:P-256"});
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child = 0;
    int status = -1;
    const int failed = ::posix_spawnp(&child, "openssl", &quiet, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&quiet);
    if (failed != 0 || ::waitpid(child, &status, 0) != child || status != 0) {
        std::fprintf(stderr, "openssl made no certificate\n");
        std::abort();
    }
    return made;
}

} // namespace gantry::test
