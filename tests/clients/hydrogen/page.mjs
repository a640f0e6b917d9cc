// Hydrogen's whole application on one page, made of its view library.

import { FeatureSet, Platform, RootViewModel, createNavigation, createRouter } from "hydrogen-view-sdk";

const platform = new Platform({
    container: document.body,
    assetPaths: {
        downloadSandbox: "/download-sandbox.html",
        worker: "/main.js",
        olm: { wasm: "/olm.wasm", legacyBundle: "/olm_legacy.js", wasmBundle: "/olm.js" },
        serviceWorker: "/sw.js",
    },
    config: { defaultHomeServer: new URLSearchParams(location.search).get("homeserver") },
    options: { development: true },
});
await platform.init();
const navigation = createNavigation();
platform.setNavigation(navigation);
const urlRouter = createRouter({ navigation, history: platform.history });
urlRouter.attach();
const features = await FeatureSet.load(platform.settingsStorage);
const app = new RootViewModel({ platform, urlRouter, urlCreator: urlRouter, navigation, features });
await app.load();
platform.createAndMountRootView(app);
