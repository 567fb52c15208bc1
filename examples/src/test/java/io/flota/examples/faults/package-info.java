/// Real faults on real processes, and what must hold meanwhile: read from what the units wrote themselves, and from
/// every change that was made in etcd.
package io.flota.examples.faults;
