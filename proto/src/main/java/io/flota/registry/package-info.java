/// The registry: which fact stands under which key of the store, in which form, and views that follow it.
package io.flota.registry;
