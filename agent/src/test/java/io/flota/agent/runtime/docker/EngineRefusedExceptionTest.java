package io.flota.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.agent.runtime.docker.EngineRefusedException.Reason;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngineRefusedExceptionTest {
    @ParameterizedTest(name = "{0} {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            404 | No such image: web:latest                                           | NO_IMAGE
            404 | manifest for web:9 not found: manifest unknown: manifest unknown    | NO_IMAGE
            404 | pull access denied for web, repository does not exist               | DENIED
            500 | Get "https://r/v2/": unauthorized: authentication required          | DENIED
            500 | Head "https://r/v2/web/manifests/1": no basic auth credentials      | DENIED
            500 | Get "https://r/v2/": dial tcp 10.0.0.9:443: connect: no route       | REGISTRY_AWAY
            500 | Get "https://r/v2/": dial tcp: lookup r: no such host               | REGISTRY_AWAY
            404 | No such container: web                                              | NO_CONTAINER
            404 | network front not found                                             | NO_NETWORK
            409 | Conflict. The container name "/web" is already in use by container  | NAME_TAKEN
            409 | Container 1234 is not running                                       | CONFLICT
            500 | Bind for 0.0.0.0:80 failed: port is already allocated               | PORT_TAKEN
            500 | listen tcp4 0.0.0.0:80: bind: address already in use                | PORT_TAKEN
            500 | configured logging driver does not support reading                  | UNREADABLE
            500 | write /var/lib/docker/tmp/x: no space left on device                | DISK_FULL
            400 | invalid CapAdd: unknown capability: "CAP_FLY"                       | INVALID
            500 | runc create failed                                                  | OTHER
            """)
    void theReasonIsReadFromItsWords(int status, String said, Reason reason) {
        var refusal = EngineRefusedException.of(
                "do it", status, "Status " + status + ": {\"message\":\"" + said.replace("\"", "\\\"") + "\"}\n", null);

        assertThat(refusal.reason()).isEqualTo(reason);
        assertThat(refusal).hasMessage("Docker refuses to do it: " + said);
    }
}
