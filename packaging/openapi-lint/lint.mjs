// SPDX-License-Identifier: GPL-3.0-or-later
// Looks an OpenAPI document over, and says where it is at fault: node lint.mjs DOCUMENT FOLDER. In the folder, npm has installed what package.json names.
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [document, modules] = process.argv.slice(2);
const { formatProblems, getTotals, lint, loadConfig } = createRequire(join(resolve(modules), "package.json"))("@redocly/openapi-core");

const config = await loadConfig({ configPath: join(here, "redocly.yaml") });
const problems = await lint({ ref: document, config });
if (problems.length > 0)
    formatProblems(problems, { format: "codeframe", totals: getTotals(problems), version: "" });
process.exit(problems.length > 0 ? 1 : 0);
