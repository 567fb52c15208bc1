/// fleet's HTTP API v1, for whoever has tools that speak it: routes are thin, what they answer is decided by
/// values, and what they write goes the way of every other command.
package io.flota.scheduler.fleet;
