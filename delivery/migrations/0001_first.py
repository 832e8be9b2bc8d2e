import django.db.models.deletion
import django_fsm
import foundation.first_tables
import foundation.ids
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('delivery', '0001_initial'), ('delivery', '0002_initial'), ('delivery', '0003_nagged'), ('delivery', '0004_names_of_columns')]

    initial = True

    dependencies = [
        ('conversations', '0001_first'),
        ('people', '0001_first'),
    ]

    operations = [
        foundation.first_tables.CreateTogether(
            models=[
                migrations.CreateModel(
                    name='Pause',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('scope', models.CharField(choices=[('everything', 'Everything'), ('account', 'WeCom account'), ('flow', 'Service flow'), ('conversation', 'Conversation')], max_length=16, verbose_name='scope')),
                        ('key', models.CharField(blank=True, max_length=64, verbose_name='which')),
                        ('reason', models.CharField(max_length=255, verbose_name='reason')),
                        ('started_at', models.DateTimeField(verbose_name='since')),
                        ('started_by', models.CharField(max_length=64, verbose_name='by')),
                        ('lifted_at', models.DateTimeField(blank=True, null=True, verbose_name='lifted at')),
                        ('lifted_by', models.CharField(blank=True, max_length=64, verbose_name='lifted by')),
                    ],
                    options={
                        'verbose_name': 'pause',
                        'verbose_name_plural': 'pauses',
                    },
                ),
                migrations.CreateModel(
                    name='HistoricalPause',
                    fields=[
                        ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                        ('scope', models.CharField(choices=[('everything', 'Everything'), ('account', 'WeCom account'), ('flow', 'Service flow'), ('conversation', 'Conversation')], max_length=16, verbose_name='scope')),
                        ('key', models.CharField(blank=True, max_length=64, verbose_name='which')),
                        ('reason', models.CharField(max_length=255, verbose_name='reason')),
                        ('started_at', models.DateTimeField(verbose_name='since')),
                        ('started_by', models.CharField(max_length=64, verbose_name='by')),
                        ('lifted_at', models.DateTimeField(blank=True, null=True, verbose_name='lifted at')),
                        ('lifted_by', models.CharField(blank=True, max_length=64, verbose_name='lifted by')),
                        ('history_id', models.AutoField(primary_key=True, serialize=False)),
                        ('history_date', models.DateTimeField(db_index=True)),
                        ('history_change_reason', models.CharField(max_length=100, null=True)),
                        ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                        ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'historical pause',
                        'verbose_name_plural': 'historical pauses',
                        'ordering': ('-history_date', '-history_id'),
                        'get_latest_by': ('history_date', 'history_id'),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name='Outbound',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=foundation.ids.uuid7, editable=False, unique=True)),
                        ('kind', models.CharField(choices=[('reply', 'Reply to a customer'), ('notice', 'Notice to colleagues or a partner'), ('alert', 'Alert or reminder to a colleague')], max_length=16, verbose_name='kind')),
                        ('purpose', models.CharField(max_length=32, verbose_name='purpose')),
                        ('case_ref', models.UUIDField(blank=True, null=True, verbose_name='case')),
                        ('text', models.TextField(verbose_name='text')),
                        ('release_hash', models.CharField(editable=False, max_length=64)),
                        ('thread_position', models.PositiveBigIntegerField(default=0, editable=False)),
                        ('idempotency_key', models.CharField(editable=False, max_length=64, unique=True)),
                        ('state', django_fsm.FSMField(choices=[('queued', 'Queued'), ('sending', 'Being sent'), ('sent', 'Sent'), ('prepared', 'Prepared, waiting for a tap'), ('confirmed', 'Seen in the conversation'), ('withdrawn', 'Withdrawn'), ('expired', 'Expired'), ('failed', 'Failed'), ('unknown', 'Unknown, to be settled'), ('cancelled', 'Cancelled')], default='queued', max_length=50, protected=True, verbose_name='state')),
                        ('released_at', models.DateTimeField(verbose_name='released at')),
                        ('released_by', models.JSONField(default=dict, verbose_name='released by')),
                        ('lease_token', models.UUIDField(editable=False, null=True)),
                        ('lease_until', models.DateTimeField(editable=False, null=True)),
                        ('next_attempt_at', models.DateTimeField(editable=False, null=True)),
                        ('attempt_count', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                        ('prepared_at', models.DateTimeField(blank=True, null=True, verbose_name='prepared at')),
                        ('delivered_at', models.DateTimeField(blank=True, null=True, verbose_name='delivered at')),
                        ('external_id', models.CharField(blank=True, max_length=128, verbose_name='external id')),
                        ('error_code', models.CharField(blank=True, max_length=64, verbose_name='error code')),
                        ('error_text', models.CharField(blank=True, max_length=255, verbose_name='error')),
                        ('nagged', models.PositiveSmallIntegerField(default=0, editable=False)),
                        ('settled_by', models.CharField(blank=True, max_length=64, verbose_name='settled by')),
                        ('conversation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='outbound', to='conversations.conversation', verbose_name='into')),
                        ('echo', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='confirms', to='conversations.message', verbose_name='message that confirms it')),
                        ('recipient', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='alerts', to='people.staffmember', verbose_name='to')),
                    ],
                    options={
                        'verbose_name': 'outbound text',
                        'verbose_name_plural': 'outbound texts',
                        'indexes': [models.Index(condition=models.Q(('state', 'queued')), fields=['next_attempt_at'], name='outbound_queued'), models.Index(condition=models.Q(('state', 'sending')), fields=['lease_until'], name='outbound_sending'), models.Index(condition=models.Q(('state', 'prepared')), fields=['conversation'], name='outbound_prepared')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('conversation__isnull', False), ('recipient__isnull', False), _connector='OR'), name='an_outbound_goes_somewhere')],
                    },
                    bases=(django_fsm.FSMModelMixin, models.Model),
                ),
                migrations.CreateModel(
                    name='Attempt',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveSmallIntegerField(verbose_name='attempt')),
                        ('started_at', models.DateTimeField(verbose_name='started at')),
                        ('outcome', models.CharField(blank=True, max_length=16, verbose_name='outcome')),
                        ('error_code', models.CharField(blank=True, max_length=64, verbose_name='error code')),
                        ('error_text', models.CharField(blank=True, max_length=255, verbose_name='error')),
                        ('outbound', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='delivery.outbound')),
                    ],
                    options={
                        'verbose_name': 'attempt',
                        'verbose_name_plural': 'attempts',
                        'constraints': [models.UniqueConstraint(fields=('outbound', 'number'), name='attempts_are_numbered')],
                    },
                ),
            ],
        ),
    ]
