/// Units: their names, their files, the rules of their placement, and the syntax of the values that a runtime reads.
/// Pure: nothing here knows a clock, a file or a thread. What a value cannot be is an `IllegalArgumentException` that
/// says why; what a file cannot be is a [io.flota.unit.UnitFileException] with all its problems.
package io.flota.unit;
