/// What only the leader does: it plans placements and writes them, each write comparing that it still leads.
package io.flota.scheduler.leading;
