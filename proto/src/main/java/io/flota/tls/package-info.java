/// TLS with certificates on both sides: PEM files, contexts that follow them when they change, and what went wrong in
/// an operator's words.
package io.flota.tls;
