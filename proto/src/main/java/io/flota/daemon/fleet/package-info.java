/// The settings of a fleetd, `fleet.conf` and `FLEET_*`, in the words of Flota's: [io.flota.daemon.fleet.FleetSettings]
/// reads them as fleet did, [io.flota.daemon.fleet.FleetTranslation] says what each one becomes.
package io.flota.daemon.fleet;
