/// A cluster in memory that speaks the carrier: what the transcripts talk to.
package io.flota.unitctl.model;
