package io.flota.scheduler.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.InsecureChannelCredentials;
import org.junit.jupiter.api.Test;

class AgentChannelsTest {
    @Test
    void onceTheClientHasGoneAllAreShutDownAndNoneIsOpenedAnyMore() {
        var channels = new AgentChannels(new Agents(InsecureChannelCredentials.create()));
        var open = channels.to("127.0.0.1:1");
        assertThat(channels.to("127.0.0.1:1")).isSameAs(open);

        channels.close();

        assertThat(open.isShutdown()).isTrue();
        assertThatThrownBy(() -> channels.to("127.0.0.1:2")).hasMessage("CANCELLED: the client has gone");
    }
}
