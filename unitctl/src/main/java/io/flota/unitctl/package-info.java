/// The command line: finds the command that was asked for, runs it, and turns what goes wrong into one line.
///
/// Start-up is felt in each call, so only the classes of the command at hand are loaded.
package io.flota.unitctl;
