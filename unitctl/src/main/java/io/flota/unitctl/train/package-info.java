/// A dress rehearsal: the usual commands against canned answers, so that a start-up cache can be made at build time.
package io.flota.unitctl.train;
