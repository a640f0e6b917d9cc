//! `cargo xtask test`: every check and every test. What is started for it is stopped, and its folders are removed, however
//! it ends.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::process::Group;
use crate::progress::Progress;
use crate::steps::{self, Done, Step};
use crate::{
    client, debian, frontend, generate, matrix_clients, packaging, ports, postgres, redis, service, synapse,
    workspace,
};

/// What `cargo xtask test` can be told.
#[derive(Args)]
pub struct Options {
    /// Only these steps and what they need, separated by commas
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

/// The longest that one step may take. A first build on a slow machine needs half of it; what takes longer hangs.
const LIMIT: Duration = Duration::from_mins(45);

/// The steps that the integration tests need.
const IT_NEEDS: &[&str] = &[
    "synapse",
    "packaging",
    "node",
    "nio",
    "frontend-build",
    "build",
    "servers",
];

const STEPS: &[Step<Context>] = &[
    Step {
        name: "debian",
        needs: &[],
        run: |context| passed(debian::ensure(&context.servers)),
    },
    Step {
        name: "synapse",
        needs: &["debian"],
        run: |context| passed(synapse::install(&mut context.progress)),
    },
    Step {
        name: "python",
        needs: &["debian"],
        run: |context| passed(client::install(&mut context.progress)),
    },
    Step {
        name: "packaging",
        needs: &["debian"],
        run: |context| passed(packaging::install(&mut context.progress)),
    },
    Step {
        name: "node",
        needs: &["debian"],
        run: |context| passed(matrix_clients::install_node(&mut context.progress)),
    },
    Step {
        name: "nio",
        needs: &["debian"],
        run: |context| passed(matrix_clients::install_nio(&mut context.progress)),
    },
    Step {
        name: "frontend-install",
        needs: &["debian"],
        run: |context| passed(frontend::install(&mut context.progress)),
    },
    Step {
        name: "frontend-check",
        needs: &["frontend-install"],
        run: |context| passed(frontend::scripts(&context.servers, &["lint", "typecheck"], LIMIT)),
    },
    Step {
        name: "frontend-unit",
        needs: &["frontend-install"],
        run: |context| passed(frontend::scripts(&context.servers, &["test:unit"], LIMIT)),
    },
    Step {
        name: "frontend-build",
        needs: &["frontend-install"],
        run: build_pages,
    },
    Step {
        name: "fmt",
        needs: &[],
        run: |context| context.cargo(&["fmt", "--all", "--check"], &[]),
    },
    Step {
        name: "clippy",
        needs: &[],
        run: |context| {
            context.cargo(
                &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
                &[],
            )
        },
    },
    Step {
        name: "deny",
        needs: &[],
        run: deny,
    },
    Step {
        name: "build",
        needs: &[],
        run: build,
    },
    Step {
        name: "servers",
        needs: &["debian"],
        run: start_servers,
    },
    Step {
        name: "unit",
        needs: &["build", "servers"],
        run: |context| {
            let servers = context.server_urls();
            context.cargo(&["test", "--workspace", "--lib", "--bins"], &servers)
        },
    },
    Step {
        name: "doc",
        needs: &["build"],
        run: |context| context.cargo(&["test", "--workspace", "--doc"], &[]),
    },
    Step {
        name: "it-sqlite",
        needs: IT_NEEDS,
        run: |context| integration(context, "sqlite", "synapse"),
    },
    Step {
        name: "it-postgres",
        needs: IT_NEEDS,
        run: |context| integration(context, "postgres", "synapse"),
    },
    Step {
        name: "it-conduit",
        needs: IT_NEEDS,
        run: integration_on_conduit,
    },
    Step {
        name: "client-check",
        needs: &["python"],
        run: |context| passed(client::check(&context.servers, LIMIT)),
    },
    Step {
        name: "client-test",
        needs: &["synapse", "python", "build"],
        run: test_client,
    },
    Step {
        name: "frontend-e2e",
        needs: &["synapse", "frontend-build", "build"],
        run: test_pages,
    },
    Step {
        name: "generated",
        needs: &["frontend-install", "build"],
        run: |context| passed(generate::check(context.program()?)),
    },
];

/// Runs the steps.
pub fn run(options: &Options) -> Result<()> {
    let steps = steps::select(STEPS, &options.only)?;
    let mut context = Context {
        progress: Progress::start(),
        servers: Group::new(),
        postgres_url: None,
        redis_url: None,
        program: None,
    };
    steps::run(&steps, &mut context)
}

/// What the steps hand on to those after them.
struct Context {
    progress: Progress,
    /// PostgreSQL and Redis; everything else is started on top of them, so it ends before them.
    servers: Group,
    postgres_url: Option<String>,
    redis_url: Option<String>,
    program: Option<PathBuf>,
}

impl Context {
    fn program(&self) -> Result<&Path> {
        self.program.as_deref().context("the service was not built")
    }

    /// For the tests that speak to a database or Redis themselves; they make databases of their own.
    fn server_urls(&self) -> Vec<(&'static str, String)> {
        let urls = [
            ("TEST_POSTGRES_URL", &self.postgres_url),
            ("TEST_REDIS_URL", &self.redis_url),
        ];
        urls.into_iter()
            .filter_map(|(name, url)| Some((name, url.clone()?)))
            .collect()
    }

    fn cargo(&self, args: &[&str], settings: &[(&str, String)]) -> Result<Done> {
        let mut cargo = workspace::cargo(args);
        for name in service::setting_names()? {
            cargo.env_remove(name);
        }
        cargo.envs(settings.iter().map(|(name, value)| (name, value)));
        let name = format!("cargo {}", args.join(" "));
        println!("$ {name}");
        passed(self.servers.complete(&name, &cargo, LIMIT))
    }
}

fn passed(result: Result<()>) -> Result<Done> {
    result.map(|()| Done::Passed)
}

fn deny(context: &mut Context) -> Result<Done> {
    let installed = workspace::cargo(&["deny", "--version"])
        .output()?
        .status
        .success();
    if !installed {
        return Ok(Done::NotRun(
            "cargo deny is not installed (`cargo install --locked cargo-deny`), so dependencies were not checked".to_owned(),
        ));
    }
    context.cargo(&["deny", "check", "bans", "licenses", "sources"], &[])
}

fn build(context: &mut Context) -> Result<Done> {
    context.cargo(&["build", "--workspace"], &[])?;
    context.program = Some(service::build(false)?);
    Ok(Done::Passed)
}

fn build_pages(context: &mut Context) -> Result<Done> {
    frontend::build(&mut context.progress)?;
    passed(frontend::scripts(&context.servers, &["budget"], LIMIT))
}

fn start_servers(context: &mut Context) -> Result<Done> {
    let folder = context.servers.temporary_folder()?;
    let [postgres_port, redis_port] = ports::free()?;
    context.postgres_url = Some(postgres::start(&mut context.servers, &folder, postgres_port)?);
    context.redis_url = Some(redis::start(&mut context.servers, &folder, redis_port)?);
    Ok(Done::Passed)
}

fn integration(context: &mut Context, database: &str, homeserver: &str) -> Result<Done> {
    let mut settings = context.server_urls();
    settings.push(("TEST_DATABASE", database.to_owned()));
    settings.push(("TEST_HOMESERVER", homeserver.to_owned()));
    settings.push((
        "TEST_SYNAPSE_PYTHON",
        synapse::venv().python().display().to_string(),
    ));
    settings.extend(packaging::programs());
    settings.extend(matrix_clients::programs()?);
    context.cargo(&["test", "--test", "it"], &settings)
}

fn integration_on_conduit(context: &mut Context) -> Result<Done> {
    match workspace::conduit_bin() {
        None => Ok(Done::NotRun("CONDUIT_BIN names no Conduit".to_owned())),
        Some(binary) if !binary.is_file() => bail!("CONDUIT_BIN is {}, which is no file", binary.display()),
        Some(_) => integration(context, "sqlite", "conduit"),
    }
}

fn test_client(context: &mut Context) -> Result<Done> {
    let program = context.program()?;
    passed(client::test(&context.servers, &context.progress, program, LIMIT))
}

fn test_pages(context: &mut Context) -> Result<Done> {
    let program = context.program()?;
    passed(frontend::test_in_browser(
        &context.servers,
        &context.progress,
        program,
        LIMIT,
    ))
}
