package io.flota.unitctl.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.api.v1.EndpointRecord;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndpointListingTest {
    private static EndpointRecord endpoint(String unit, int port) {
        return EndpointRecord.newBuilder().setService("web").setUnit(unit).setPort(port).build();
    }

    private static List<String> words(List<EndpointListing.Row> rows) {
        return rows.stream()
                .map(row -> row.change() + " " + row.endpoint().getUnit() + " " + row.endpoint().getPort())
                .toList();
    }

    @Test
    void ofTwoViewsTheChangesAreTold() {
        var before = List.of(endpoint("a", 1), endpoint("b", 2), endpoint("c", 3));
        var after = List.of(endpoint("a", 1), endpoint("b", 4), endpoint("d", 5));

        assertThat(words(EndpointListing.changes(before, after, true)))
                .containsExactly("changed b 4", "gone c 3", "added d 5");
        assertThat(words(EndpointListing.changes(List.of(), before, false)))
                .containsExactly("there a 1", "there b 2", "there c 3");
        assertThat(EndpointListing.changes(after, after, true)).isEmpty();
    }

    @Test
    void aChangeIsOneLineOfJson() {
        assertThat(EndpointListing.line(new EndpointListing.Row(endpoint("a", 1), "gone")))
                .isEqualTo("""
                        {"change":"gone","service":"web","unit":"a","machine":"","address":"","port":"1",\
                        "attributes":"","epoch":"0","since":"","until":""}
                        """);
    }
}
