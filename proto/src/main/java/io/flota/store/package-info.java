/// The store: read, commit, watch, lease, at one revision each. [io.flota.store.EtcdStore] is etcd; nothing outside
/// of this package knows etcd's protocol.
package io.flota.store;
