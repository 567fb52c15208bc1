package io.flota.unitctl.command;

import io.flota.api.v1.DesiredState;

/// The three commands that bring units up, as far as each goes.
enum Rise {
    SUBMIT("submit", DesiredState.DESIRED_STATE_INACTIVE),
    LOAD("load", DesiredState.DESIRED_STATE_LOADED),
    START("start", DesiredState.DESIRED_STATE_LAUNCHED);

    private final String word;
    private final DesiredState desired;

    Rise(String word, DesiredState desired) {
        this.word = word;
        this.desired = desired;
    }

    String word() {
        return word;
    }

    DesiredState desired() {
        return desired;
    }

    /// Whether `--replace` may touch a unit of which this is wanted: none that is further up than the command goes.
    boolean mayReplace(DesiredState current) {
        return current.getNumber() <= desired.getNumber();
    }
}
