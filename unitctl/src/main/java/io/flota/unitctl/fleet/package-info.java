/// A running cluster of fleet, read by its HTTP API v1.
package io.flota.unitctl.fleet;
