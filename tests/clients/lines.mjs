// The protocol between a test and a client, for the clients in JavaScript; README.md describes it.

import { Console } from "node:console";
import { createInterface } from "node:readline";

// standard output is for answers
globalThis.console = new Console(process.stderr);

/// Answers each line of standard input with one line, in turn. `commands` maps a name to a function of the command's
/// fields. The process ends with standard input, whatever it is doing; `ended` runs before that.
export async function serve(commands, ended) {
    const input = createInterface({ input: process.stdin });
    input.once("close", async () => {
        await ended();
        process.exit(0);
    });
    for await (const line of input) {
        process.stdout.write(`${JSON.stringify(await answer(commands, JSON.parse(line)))}\n`);
    }
}

async function answer(commands, { do: name, ...fields }) {
    if (!Object.hasOwn(commands, name)) {
        return { error: `this client has no command ${name}` };
    }
    try {
        return { ok: (await commands[name](fields)) ?? {} };
    } catch (error) {
        console.error(error);
        return { error: String(error?.message ?? error) };
    }
}
