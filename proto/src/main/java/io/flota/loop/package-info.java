/// The one way in which Flota reconciles: observe, decide, act, tell, driven by signals that carry nothing.
package io.flota.loop;
