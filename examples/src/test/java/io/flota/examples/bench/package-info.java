/// Measures a local cluster as its users feel it; `examples/bench` runs it.
package io.flota.examples.bench;
