import django.db.models.deletion
import foundation.encryption
import foundation.first_tables
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('channels_wecom', '0001_initial'), ('channels_wecom', '0002_names_of_columns')]

    initial = True

    dependencies = [
    ]

    operations = [
        foundation.first_tables.CreateTogether(
            models=[
                migrations.CreateModel(
                    name='WeComAccount',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.SlugField(max_length=64, unique=True, verbose_name='key')),
                        ('name', models.CharField(max_length=128, verbose_name='name')),
                        ('corp_id', models.CharField(max_length=64, verbose_name='corp id')),
                        ('agent_id', models.CharField(blank=True, max_length=32, verbose_name='agent id')),
                        ('callback_token', foundation.encryption.EncryptedTextField(verbose_name='callback token')),
                        ('encoding_aes_key', foundation.encryption.EncryptedTextField(verbose_name='EncodingAESKey')),
                        ('app_secret', foundation.encryption.EncryptedTextField(blank=True, verbose_name='app secret')),
                        ('archive_secret', foundation.encryption.EncryptedTextField(blank=True, verbose_name='conversation archive secret')),
                        ('kf_enabled', models.BooleanField(default=True, verbose_name='customer service sessions')),
                        ('active', models.BooleanField(default=True, verbose_name='active')),
                    ],
                    options={
                        'verbose_name': 'WeCom account',
                        'verbose_name_plural': 'WeCom accounts',
                    },
                ),
                migrations.CreateModel(
                    name='SyncCursor',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('source', models.CharField(max_length=96, verbose_name='source')),
                        ('cursor', models.CharField(blank=True, max_length=128, verbose_name='cursor')),
                        ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                        ('polled_at', models.DateTimeField(blank=True, null=True, verbose_name='last looked at')),
                        ('last_error', models.CharField(blank=True, default='', max_length=255, verbose_name='last error')),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cursors', to='channels_wecom.wecomaccount', verbose_name='account')),
                    ],
                    options={
                        'verbose_name': 'sync cursor',
                        'verbose_name_plural': 'sync cursors',
                        'constraints': [models.UniqueConstraint(fields=('account', 'source'), name='a_source_has_one_cursor')],
                    },
                ),
                migrations.CreateModel(
                    name='InboundEvent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('digest', models.CharField(max_length=64, verbose_name='digest')),
                        ('kind', models.CharField(blank=True, default='', max_length=64, verbose_name='kind')),
                        ('received_at', models.DateTimeField(verbose_name='received at')),
                        ('body', foundation.encryption.EncryptedTextField(blank=True, verbose_name='content')),
                        ('state', models.CharField(choices=[('pending', 'To be worked through'), ('done', 'Done'), ('failed', 'Failed')], default='pending', max_length=8, verbose_name='state')),
                        ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                        ('next_attempt_at', models.DateTimeField(blank=True, null=True)),
                        ('error', models.CharField(blank=True, default='', max_length=255, verbose_name='error')),
                        ('processed_at', models.DateTimeField(blank=True, null=True, verbose_name='done at')),
                        ('erased_at', models.DateTimeField(blank=True, null=True, verbose_name='content erased at')),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='channels_wecom.wecomaccount', verbose_name='account')),
                    ],
                    options={
                        'verbose_name': 'inbound event',
                        'verbose_name_plural': 'inbound events',
                        'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['id'], name='event_pending')],
                        'constraints': [models.UniqueConstraint(fields=('account', 'digest'), name='an_event_is_stored_once')],
                    },
                ),
                migrations.CreateModel(
                    name='GroupWebhook',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('conversation_external_id', models.CharField(max_length=191, verbose_name='conversation')),
                        ('key', foundation.encryption.EncryptedTextField(verbose_name='webhook key')),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='webhooks', to='channels_wecom.wecomaccount', verbose_name='account')),
                    ],
                    options={
                        'verbose_name': 'group webhook',
                        'verbose_name_plural': 'group webhooks',
                        'constraints': [models.UniqueConstraint(fields=('account', 'conversation_external_id'), name='a_group_has_one_webhook')],
                    },
                ),
            ],
        ),
    ]
