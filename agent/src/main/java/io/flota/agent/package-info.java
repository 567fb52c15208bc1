/// `flota-agent`: registers its machine, runs the units that are placed on it and tells how they are.
package io.flota.agent;
