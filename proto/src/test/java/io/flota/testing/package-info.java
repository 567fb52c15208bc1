/// Fixtures for the tests of all modules: a real etcd, and a store in memory that behaves as etcd does.
package io.flota.testing;
