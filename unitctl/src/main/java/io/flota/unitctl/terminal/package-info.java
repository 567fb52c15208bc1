/// The operator's terminal.
package io.flota.unitctl.terminal;
