/// Tests on real nodes, each with its own systemd and network, with Flota from its packages.
package io.flota.examples.nodes;
