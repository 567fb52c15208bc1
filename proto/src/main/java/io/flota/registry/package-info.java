/// The registry: which fact stands under which key of the store, how it is written, and views that follow it.
package io.flota.registry;
