package io.flota.daemon.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.daemon.fleet.FleetSettings.Given;
import io.flota.daemon.fleet.Remark.Becomes;
import io.flota.daemon.fleet.Remark.Meaningless;
import io.flota.testing.Draw;
import io.flota.testing.Seeds;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FleetTranslationTest {
    private static FleetTranslation translation(Map<String, String> values) {
        var given = new TreeMap<String, Given>();
        values.forEach((key, value) -> given.put(key, new Given(value, "fleet.conf:" + (given.size() + 1))));
        return FleetTranslation.of(new FleetSettings(Optional.empty(), ImmutableSortedMap.copyOf(given)), false);
    }

    @ParameterizedTest(name = "{0}={1} becomes {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            etcd_servers         | http://a:2379,http://b:2379/           | etcd-endpoints=http://a:2379,http://b:2379
            etcd_servers         | `["http://a:2379", "http://b:2379"]`   | etcd-endpoints=http://a:2379,http://b:2379
            etcd_servers         | http://a:2379,http://a:4001            | etcd-endpoints=http://a:2379
            etcd_servers         | http://a:4001                          | etcd-endpoints=http://a:4001
            etcd_username        | root                                   | etcd-user=root
            etcd_password        | secret                                 | etcd-password=secret
            etcd_key_prefix      | /_coreos.com/fleet/                    | key-prefix=/flota/v1/
            etcd_key_prefix      | _coreos.com//fleet                     | key-prefix=/flota/v1/
            etcd_key_prefix      | /smoke                                 | key-prefix=/smoke/flota/v1/
            etcd_request_timeout | 2.5                                    | etcd-request-timeout=2500ms
            etcd_request_timeout | 1                                      | etcd-request-timeout=1s
            public_ip            | 10.0.0.7                               | public-ip=10.0.0.7
            metadata             | ` role = web ,rack=a=b, x,role=db`     | metadata=rack=a=b,role=db
            agent_ttl            | 3s                                     | ttl=3s
            agent_ttl            | 1m30s                                  | ttl=90s exclusive-wait=92s
            agent_ttl            | .5m                                    | ttl=30s exclusive-wait=32s
            agent_ttl            | 2500ms                                 | ttl=2500ms
            units_directory      | /var/lib/fleet/units/                  | state-dir=/var/lib/fleet
            units_directory      | /var/lib/fleet                         | state-dir=/var/lib/fleet
            systemd_user         | true                                   | systemd-bus=user
            systemd_user         | F                                      | systemd-bus=system
            disable_engine       | 1                                      | lead=false
            disable_engine       | False                                  | lead=true
            token_limit          | 50                                     | fleet-token-limit=50
            verbosity            | 2                                      | log-level=debug
            verbosity            | 0                                      | log-level=info
            """)
    void whatHasAMeaningBecomesAnOption(String key, String value, String options) {
        var translation = translation(Map.of(key, value));

        assertThat(translation.problems()).isEmpty();
        assertThat(translation.remarks().stream()
                        .map(Becomes.class::cast)
                        .map(becomes -> becomes.option() + "=" + becomes.value())
                        .collect(Collectors.joining(" ")))
                .isEqualTo(options);
    }

    @ParameterizedTest(name = "{0}={1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            engine_reconcile_interval | 2.0               | the leader acts at once on whatever changes, and does not go by a clock
            disable_watches           | true              | an agent watches what is placed on its own machine and nothing else
            enable_grpc               | true              | nothing has to be kept away from etcd: states are told when they change
            verify_units              | true              | fleet 1.0 did nothing with it, either
            authorized_keys_file      | /x                | fleet 1.0 did nothing with it, either
            units_directory           | /run/fleet/units  | it was fleet's default, and Flota has its own: units in --state-dir
            etcd_cafile               | /ca.pem           | etcd_servers has no https:// URL
            metadata                  | web               | nothing in it is KEY=VALUE
            public_ip                 | ''                | it is empty, so the default counts
            etcd_server               | http://a:2379     | fleet had no such setting; did you mean etcd_servers?
            """)
    void whatHasNoneSaysWhy(String key, String value, String because) {
        var translation = translation(Map.of(key, value));

        assertThat(translation.problems()).isEmpty();
        assertThat(translation.remarks()).containsExactly(new Meaningless(key, "fleet.conf:1", because));
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(delimiter = '|', textBlock = """
            agent_ttl                 | 30      | fleet.conf:1: agent_ttl=30 has no unit; write 30s for seconds
            agent_ttl                 | soon    | fleet.conf:1: agent_ttl=soon is no span of time; write it as 30s, 1m30s or 500ms
            agent_ttl                 | -5s     | fleet.conf:1: agent_ttl=-5s is no span of time; write it as 30s, 1m30s or 500ms
            etcd_request_timeout      | 1s      | fleet.conf:1: etcd_request_timeout=1s is no number of seconds; write it as 1.5
            engine_reconcile_interval | often   | fleet.conf:1: engine_reconcile_interval=often is no number of seconds; write it as 1.5
            disable_engine            | yes     | fleet.conf:1: disable_engine=yes is neither true nor false
            verbosity                 | loud    | fleet.conf:1: verbosity=loud is no whole number
            token_limit               | 1.5     | fleet.conf:1: token_limit=1.5 is no whole number
            etcd_servers              | []      | fleet.conf:1: etcd_servers=[] names no etcd
            """)
    void aWrongValueIsOneLine(String key, String value, String problem) {
        assertThat(translation(Map.of(key, value)).problems()).containsExactly(problem);
    }

    @Test
    void theOldPortIsSpokenOf() {
        var some = translation(Map.of("etcd_servers", "http://a:2379,http://a:4001")).option("etcd-endpoints").orElseThrow();
        var all = translation(Map.of("etcd_servers", "http://a:4001")).option("etcd-endpoints").orElseThrow();

        assertThat(some.note()).isEqualTo("without those at 4001, the port of etcd 0.4");
        assertThat(all.note()).startsWith("4001 was the port of etcd 0.4");
    }

    @Test
    void certificatesAreForHttps() {
        var translation = translation(Map.of(
                "etcd_servers", "https://a:2379", "etcd_cafile", "/ca", "etcd_certfile", "/cert", "etcd_keyfile", "/key"));

        assertThat(translation.option("etcd-ca-file").map(Becomes::value)).contains("/ca");
        assertThat(translation.option("etcd-cert-file").map(Becomes::value)).contains("/cert");
        assertThat(translation.option("etcd-key-file").map(Becomes::value)).contains("/key");
        assertThat(translation.option("etcd-endpoints").orElseThrow().note()).isEmpty();
        assertThat(translation(Map.of("etcd_servers", "https://a:2379")).option("etcd-endpoints").orElseThrow().note())
                .contains("certificates are checked");
    }

    @Test
    void aPasswordIsNotShown() {
        var becomes = translation(Map.of("etcd_password", "hunter2")).option("etcd-password").orElseThrow();

        assertThat(becomes.toString()).doesNotContain("hunter2");
        assertThat(becomes.words()).doesNotContain("hunter2");
    }

    /// Goal: each setting is translated, named or refused, whatever its value.
    @Test
    void noSettingIsPassedOverInSilence() {
        Seeds.check(3000, random -> {
            var values = new TreeMap<String, String>();
            for (var key : FleetSettings.KEYS) {
                if (random.nextBoolean()) {
                    values.put(key, Draw.oneOf(random, "", "true", "1", "0", "1.5", "30s", "a=b", "/x/", "http://a:4001",
                            "[\"https://a:2379\"]", Draw.text(random, 12, "a1=,./:[]\" smh-")));
                }
            }
            var translation = translation(values);
            var named = translation.remarks().stream().map(Remark::key).distinct().count()
                    + translation.problems().size();
            assertThat(named).isEqualTo(values.size());
        });
    }
}
