/// Streams between processes, of which nobody keeps more than was agreed on.
package io.flota.flow;
