//! The pages in `frontend/`: their packages, their build, which is part of the service, and their tests.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process::{self, Group};
use crate::progress::Progress;
use crate::stack::{self, Homeserver, Plan};
use crate::{node, ports, workspace};

/// What stands in the folder and is not built: what tools write there, and the tests in a browser.
const NOT_BUILT: [&str; 6] = [
    "dist",
    "e2e",
    "node_modules",
    "playwright-report",
    "test-results",
    ".gitignore",
];

/// What `npm run generate` writes from `docs/openapi.json`.
pub const GENERATED: &str = "docs/types.ts";

fn folder() -> PathBuf {
    workspace::root().join("frontend")
}

/// Installs the packages, unless they are there already.
pub fn install(progress: &mut Progress) -> Result<()> {
    node::install(progress, &folder())
}

/// Builds the pages, unless they were built from the same sources; without Node.js that is all it can do.
pub fn build(progress: &mut Progress) -> Result<()> {
    let folder = folder();
    let sources = fingerprint(&folder)?;
    // the build empties the folder, so that the stamp goes with what it tells of
    let stamp = folder.join("dist/.sources");
    if fs::read_to_string(&stamp).is_ok_and(|built| built == sources) {
        return Ok(());
    }
    install(progress)?;
    progress.step("building the pages");
    fs::create_dir_all(workspace::dev())?;
    let log = workspace::dev().join("frontend.log");
    if !progress.watch(&mut node::script(&folder, "build")?, &log)? {
        bail!("the pages do not build{}", process::tail(&log));
    }
    fs::write(&stamp, sources).with_context(|| workspace::shown(&stamp))
}

/// Runs scripts of `package.json`, each to its end; the error names those that failed.
pub fn scripts(group: &Group, names: &[&str], limit: Duration) -> Result<()> {
    let mut failed = Vec::new();
    for name in names {
        let title = format!("npm run {name}");
        println!("$ {title}");
        if let Err(error) = group.complete(&title, &node::script(&folder(), name)?, limit) {
            failed.push(format!("{error:#}"));
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        bail!(failed.join("; "))
    }
}

/// The tests in a browser, with a homeserver and a service of their own.
pub fn test_in_browser(servers: &Group, progress: &Progress, program: &Path, limit: Duration) -> Result<()> {
    let mut group = Group::on(servers)?;
    let folder = group.temporary_folder()?.join("stack");
    let [port, homeserver_port, gateway_port, gateway_tls_port] = ports::free()?;
    let plan = Plan {
        program,
        homeserver: Homeserver::Synapse,
        folder,
        port,
        homeserver_port,
        gateway_ports: Some((gateway_port, gateway_tls_port)),
        inherit_settings: false,
        rate_limits: false,
        settings: Vec::new(),
    };
    let stack = stack::start(&mut group, progress, &plan)?;
    let chromium = workspace::on_path("chromium").context("chromium is not installed")?;
    let mut playwright = node::script(&self::folder(), "test:e2e")?;
    playwright
        .env("E2E_BASE_URL", &stack.url)
        .env("E2E_HUB_SECRET", &stack.hub_secret)
        .env("E2E_SERVICE_TOKEN", &stack.service_token)
        .env("E2E_GATEWAY_URL", format!("http://127.0.0.1:{gateway_port}"))
        .env("E2E_CHROMIUM", chromium)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    group.complete("npm run test:e2e", &playwright, limit)
}

/// Writes [`GENERATED`] again.
pub fn generate() -> Result<()> {
    process::read(&mut node::script(&folder(), "generate")?)?;
    Ok(())
}

/// A number that another content of the sources changes.
fn fingerprint(folder: &Path) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for entry in sorted(folder)? {
        let name = entry
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !NOT_BUILT.contains(&name.as_str()) {
            hash(&entry, &mut hasher)?;
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn hash(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    path.file_name().hash(hasher);
    if path.is_dir() {
        let entries = sorted(path)?;
        entries.len().hash(hasher);
        entries.iter().try_for_each(|entry| hash(entry, hasher))
    } else {
        let content = fs::read(path).with_context(|| workspace::shown(path))?;
        content.hash(hasher);
        Ok(())
    }
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| workspace::shown(folder))?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.sort_unstable();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::fingerprint;
    use crate::process::Group;

    #[test]
    fn what_is_built_changes_the_fingerprint_and_nothing_else_does() {
        let mut group = Group::new();
        let folder = group.temporary_folder().unwrap();
        for part in ["src/ui", "dist", "e2e"] {
            fs::create_dir_all(folder.join(part)).unwrap();
        }
        let write = |path: &str, text: &str| fs::write(folder.join(path), text).unwrap();
        write("src/main.ts", "1");
        let first = fingerprint(&folder).unwrap();
        write("dist/index.html", "built");
        write("e2e/chat.spec.ts", "tests");
        assert_eq!(fingerprint(&folder).unwrap(), first);
        write("src/ui/Button.vue", "2");
        let second = fingerprint(&folder).unwrap();
        assert_ne!(second, first);
        write("src/main.ts", "3");
        assert_ne!(fingerprint(&folder).unwrap(), second);
        write("src/main.ts", "1");
        assert_eq!(fingerprint(&folder).unwrap(), second);
    }
}
