//! Tests of the program itself: flags reach the code, exit codes, output, help.

mod batch;
mod examples;
mod input;
mod meshes;
mod request;
mod run;
mod translate;
