/// One class per command: parse, ask the cluster, render. What the commands wait for and what they send is decided by
/// pure classes beside them.
package io.flota.unitctl.command;
