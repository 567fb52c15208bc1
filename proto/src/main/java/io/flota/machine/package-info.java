/// Machines: what tells them apart, and what they have to give. Pure.
package io.flota.machine;
