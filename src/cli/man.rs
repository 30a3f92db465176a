use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::lint::RULES;
use crate::render;

/// Print the manual page, or write one page per command into a directory
#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// Directory to write the pages into
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl ManArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let pages = pages()?;
        match self.out {
            None => {
                for (_, page) in pages.iter().take(1) {
                    env.stdout.write_all(page)?;
                }
            }
            Some(directory) => {
                for (name, page) in &pages {
                    write_page(&directory, name, page)?;
                }
            }
        }
        Ok(Outcome::Yes)
    }
}

fn write_page(directory: &Path, name: &str, page: &[u8]) -> Result<(), Error> {
    fs::create_dir_all(directory)?;
    fs::write(directory.join(name), page)?;
    Ok(())
}

/// File name and text of every manual page, the top one first.
fn pages() -> Result<Vec<(String, Vec<u8>)>, Error> {
    let mut definition = super::definition();
    definition.build();
    let mut pages = Vec::new();
    collect(&definition, "meshsec", &mut pages)?;
    let mut manual = Vec::new();
    render::rule_manual(&mut manual, &RULES)?;
    pages.push(("meshsec-rules.7".to_owned(), manual));
    Ok(pages)
}

fn collect(command: &clap::Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) -> Result<(), Error> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone().name(name.to_owned()).display_name(name.to_owned())).date("").render(&mut page)?;
    pages.push((format!("{name}.1"), page));
    for child in command.get_subcommands().filter(|child| child.get_name() != "help") {
        collect(child, &format!("{name}-{}", child.get_name()), pages)?;
    }
    Ok(())
}
