// Hydrogen in Chromium, driven by a test: it bundles the page, serves it on an origin of its own, and does what a person
// would do there.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { chromium } from "playwright-core";

import { serve } from "./lines.mjs";

const here = new URL("hydrogen/", import.meta.url);
const { resolve } = createRequire(import.meta.url);

/// The library ships its assets in one folder; the rest is the page, the service worker and olm.
const assets = dirname(resolve("hydrogen-view-sdk/main.js"));
const FILES = {
    "index.html": fileURLToPath(new URL("index.html", here)),
    "sw.js": join(dirname(resolve("hydrogen-view-sdk")), "sw.js"),
    "olm.js": resolve("@matrix-org/olm/olm.js"),
    "olm.wasm": resolve("@matrix-org/olm/olm.wasm"),
    "olm_legacy.js": resolve("@matrix-org/olm/olm_legacy.js"),
};

const TYPES = {
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
};

async function bundle() {
    const { outputFiles } = await build({
        entryPoints: [fileURLToPath(new URL("page.mjs", here))],
        bundle: true,
        write: false,
        format: "esm",
        target: "es2022",
        // olm asks for Node's modules only where it runs in Node
        external: ["fs", "path", "crypto"],
        logLevel: "error",
    });
    return outputFiles[0].contents;
}

async function serveApp() {
    const page = await bundle();
    const server = createServer(async (request, response) => {
        const name = basename(new URL(request.url, "http://localhost").pathname) || "index.html";
        try {
            const body = name === "page.js" ? page : await readFile(FILES[name] ?? join(assets, name));
            response.writeHead(200, { "Content-Type": TYPES[extname(name)] ?? "application/octet-stream" });
            response.end(body);
        } catch {
            response.writeHead(404).end();
        }
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://localhost:${server.address().port}`;
}

const origin = await serveApp();
const browser = await chromium.launch({
    executablePath: process.env.TEST_CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu"],
});
const page = await browser.newPage();
// less than the patience of the test, so that it hears what was waited for
page.setDefaultTimeout(45_000);
page.on("console", (message) => console.error(`console: ${message.text()}`));
page.on("pageerror", (error) => console.error(`page: ${error.stack}`));
page.on("requestfailed", (request) => console.error(`failed: ${request.method()} ${request.url()}`));
page.on("response", (response) => {
    if (response.status() >= 400) {
        console.error(`${response.status()}: ${response.request().method()} ${response.url()}`);
    }
});

const message = (body) => page.locator(".Timeline_message", { hasText: body });

async function openApp(homeserver) {
    await page.goto(`${origin}/?homeserver=${encodeURIComponent(homeserver)}`);
}

await serve(
    {
        async login({ url, user, password }) {
            await openApp(url);
            await page.fill("#username", user);
            await page.fill("#password", password);
            await page.click(".PasswordLoginView button[type=submit]");
            await page.locator(".RoomList").waitFor();
        },

        /// Single sign-on in a browser in which the person is signed in at the hub, whose pages are at `hub`.
        async sign_on({ url, hub, token }) {
            await page.goto(`${hub}/sso`);
            await page.evaluate((token) => localStorage.setItem("hub_token", token), token);
            await openApp(url);
            await page.click(".StartSSOLoginView button");
            await page.locator("#allow").waitFor();
            const asked = await page.locator("#ask").innerText();
            await page.click("#allow");
            await page.locator(".RoomList").waitFor();
            return { origin, asked };
        },

        async open({ name }) {
            await page.locator(".RoomList li", { hasText: name }).click();
            await page.locator(".RoomView .room-description h2", { hasText: name }).waitFor();
        },

        async send({ body }) {
            await page.fill(".MessageComposer textarea", body);
            await page.click(".MessageComposer button.send");
            // sent, and not only shown as being sent
            await page.locator(".Timeline_message.own:not(.unsent)", { hasText: body }).waitFor();
        },

        async see_message({ body }) {
            const found = message(body).last();
            await found.waitFor();
            return { event_id: await found.getAttribute("data-event-id"), text: await found.innerText() };
        },

        async see_reaction({ event, emoji }) {
            const path = `[data-event-id="${event}"] .Timeline_messageReactions button`;
            await page.locator(path, { hasText: emoji }).waitFor();
        },

        async logout() {
            await page.click(".LeftPanel .settings");
            await page.getByRole("button", { name: "Log out", exact: true }).click();
            await page.locator(".LogoutScreen").getByRole("button", { name: "Log out" }).click();
            await page.locator("#username, .SessionPickerView").first().waitFor();
        },
    },
    async () => {
        if (process.env.SCREENSHOT) {
            await page.screenshot({ path: process.env.SCREENSHOT });
        }
        await browser.close();
    },
);
