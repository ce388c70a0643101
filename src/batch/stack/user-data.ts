/**
 * What an instance does at its first start: it fetches the worker's code, holds it against the digest that stands here,
 * and runs it. Whoever may write the bucket alone cannot bring code in. There is nothing secret in it, and it
 * has to stay below 16 KB.
 *
 * Three things end an instance, so that none stays that does nothing: the worker's end, a failure of this script, and
 * its age. To shut down is to be terminated. Written for `Fn::Sub`, so nothing of the shell's has braces.
 */
export const USER_DATA = `#!/bin/bash -e
trap 'shutdown -h +2' ERR
shutdown -h +\${LifetimeMinutes}
mkdir -p /opt/lading
cd /opt/lading
aws s3api get-object --region \${AWS::Region} --bucket '\${Bucket}' --key 'bundles/\${BundleSha256}.tar.gz' /tmp/bundle.tar.gz > /dev/null
echo '\${BundleSha256}  /tmp/bundle.tar.gz' | sha256sum --check --status
tar -xzf /tmp/bundle.tar.gz --no-same-owner
rm /tmp/bundle.tar.gz
useradd --system --no-create-home lading
cat > /etc/systemd/system/lading.service << UNIT
[Unit]
Description=Lading worker
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=600
StartLimitBurst=5
SuccessAction=poweroff
FailureAction=poweroff

[Service]
User=lading
Environment=AWS_REGION=\${AWS::Region}
Environment=MALLOC_ARENA_MAX=2
Environment=UV_THREADPOOL_SIZE=8
Environment="LADING_BATCH_PUBLIC_KEYS=\${PublicKeys}"
ExecStart=/opt/lading/bin/lading batch worker --to s3://\${Bucket}?region=\${AWS::Region} --queues https://sqs.\${AWS::Region}.\${AWS::URLSuffix}/\${AWS::AccountId}/\${Name} --group \${Name}-workers
Restart=on-failure
RestartSec=5
KillMode=mixed
TimeoutStopSec=110
MemoryMax=90%
NoNewPrivileges=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=strict
UNIT
systemctl daemon-reload
systemctl start --no-block lading
`
