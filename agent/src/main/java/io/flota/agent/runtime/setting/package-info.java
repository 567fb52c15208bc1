/// Reads the settings of unit files one key at a time, for all runtimes that honour them themselves. Pure.
package io.flota.agent.runtime.setting;
