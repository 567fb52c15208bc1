/// What both daemons share at their edge: how settings are found (flag, environment, TOML file), where etcd is, and
/// the rule for listeners (loopback, unless TLS files or an explicit `--insecure` are given).
package io.flota.daemon;
