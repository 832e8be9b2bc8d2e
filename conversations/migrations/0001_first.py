import conversations.models
import django.db.models.deletion
import foundation.encryption
import foundation.first_tables
import foundation.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('conversations', '0001_initial'), ('conversations', '0002_initial'), ('conversations', '0003_texts_of_pictures')]

    initial = True

    dependencies = [
        ('people', '0001_first'),
    ]

    operations = [
        foundation.first_tables.CreateTogether(
            models=[
                migrations.CreateModel(
                    name='Blob',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('sha256', models.CharField(max_length=64, unique=True)),
                        ('size', models.PositiveBigIntegerField(verbose_name='size in bytes')),
                        ('content_type', models.CharField(max_length=100, verbose_name='content type')),
                        ('file', models.FileField(upload_to=conversations.models.blob_path)),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                    ],
                    options={
                        'verbose_name': 'stored file',
                        'verbose_name_plural': 'stored files',
                    },
                ),
                migrations.CreateModel(
                    name='Conversation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=foundation.ids.uuid7, editable=False, unique=True)),
                        ('account', models.CharField(max_length=64, verbose_name='account')),
                        ('external_id', models.CharField(max_length=191, verbose_name='external id')),
                        ('kind', models.CharField(choices=[('private', 'Private chat'), ('customer_group', 'Customer group'), ('community_group', 'Community group'), ('internal_group', 'Internal group'), ('partner_group', 'Partner group')], max_length=24, verbose_name='kind')),
                        ('surface', models.CharField(choices=[('kf', 'Customer service account (API, in a window)'), ('staff_private', "Staff member's own chat (prepared, tapped)"), ('customer_group', 'Customer group (prepared, tapped)'), ('partner_external', 'Group with other companies (prepared, tapped)'), ('internal_app', 'App message'), ('internal_webhook', 'Internal group (webhook)'), ('captured', 'Pasted in by staff'), ('none', 'Cannot be written to')], default='none', max_length=24, verbose_name='surface')),
                        ('source', models.CharField(default='archive', max_length=16, verbose_name='message source')),
                        ('language', models.CharField(default='zh', max_length=8, verbose_name='language')),
                        ('name', models.CharField(blank=True, max_length=191, verbose_name='name')),
                        ('last_position', models.PositiveBigIntegerField(default=0, editable=False)),
                        ('triaged_position', models.PositiveBigIntegerField(default=0, editable=False)),
                        ('last_message_at', models.DateTimeField(blank=True, null=True, verbose_name='last message at')),
                        ('lease_token', models.UUIDField(editable=False, null=True)),
                        ('lease_until', models.DateTimeField(editable=False, null=True)),
                        ('triage_failures', models.PositiveIntegerField(default=0, editable=False)),
                        ('triage_error', models.TextField(blank=True, editable=False)),
                        ('kf_window_until', models.DateTimeField(blank=True, null=True, verbose_name='reply window until')),
                        ('kf_replies_left', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='replies left in the window')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                        ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='conversations', to='people.customer', verbose_name='customer')),
                        ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='conversations', to='people.staffmember', verbose_name='owner')),
                        ('partner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='conversations', to='people.partner', verbose_name='partner')),
                        ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='people.team', verbose_name='team')),
                    ],
                    options={
                        'verbose_name': 'conversation',
                        'verbose_name_plural': 'conversations',
                        'indexes': [models.Index(condition=models.Q(('last_position__gt', models.F('triaged_position'))), fields=['id'], name='conversation_untriaged'), models.Index(fields=['-last_message_at'], name='conversation_by_talk')],
                        'constraints': [models.UniqueConstraint(fields=('account', 'external_id'), name='a_conversation_once_per_account'), models.CheckConstraint(condition=models.Q(('triaged_position__lte', models.F('last_position'))), name='triage_never_ahead_of_messages')],
                    },
                ),
                migrations.CreateModel(
                    name='Member',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('joined_at', models.DateTimeField(verbose_name='joined at')),
                        ('left_at', models.DateTimeField(blank=True, null=True, verbose_name='left at')),
                        ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='conversations.conversation')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='people.person')),
                    ],
                    options={
                        'verbose_name': 'member',
                        'verbose_name_plural': 'members',
                        'constraints': [models.UniqueConstraint(fields=('conversation', 'person'), name='a_person_is_one_member_of_a_conversation')],
                    },
                ),
                migrations.CreateModel(
                    name='Message',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=foundation.ids.uuid7, editable=False, unique=True)),
                        ('account', models.CharField(max_length=64, verbose_name='account')),
                        ('source', models.CharField(max_length=16, verbose_name='source')),
                        ('external_id', models.CharField(max_length=191, verbose_name='external id')),
                        ('position', models.PositiveBigIntegerField(verbose_name='position')),
                        ('sender_side', models.CharField(choices=[('customer', 'Customer'), ('internal', 'Our people'), ('partner', 'Partner'), ('unknown', 'Unknown')], max_length=16, verbose_name='side')),
                        ('sent_at', models.DateTimeField(verbose_name='written at')),
                        ('received_at', models.DateTimeField(verbose_name='received at')),
                        ('type', models.CharField(default='text', max_length=24, verbose_name='type')),
                        ('text', models.TextField(blank=True, verbose_name='text')),
                        ('quoted_text', models.TextField(blank=True, verbose_name='quoted text')),
                        ('mentions', models.JSONField(blank=True, default=list, verbose_name='mentions')),
                        ('payload', models.JSONField(blank=True, default=dict, verbose_name='structure')),
                        ('outbound_ref', models.UUIDField(blank=True, null=True, verbose_name='echo of our own text')),
                        ('recalled_at', models.DateTimeField(blank=True, null=True, verbose_name='recalled at')),
                        ('recall_handled_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='conversations.conversation')),
                        ('identity', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='people.identity', verbose_name='identity')),
                        ('sender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='people.person', verbose_name='sender')),
                    ],
                    options={
                        'verbose_name': 'message',
                        'verbose_name_plural': 'messages',
                        'indexes': [models.Index(condition=models.Q(('recall_handled_at__isnull', True), ('recalled_at__isnull', False)), fields=['id'], name='message_recall_unhandled')],
                        'constraints': [models.UniqueConstraint(fields=('account', 'source', 'external_id'), name='a_message_once_per_account_source_and_id'), models.UniqueConstraint(fields=('conversation', 'position'), name='a_position_holds_one_message')],
                    },
                ),
                migrations.CreateModel(
                    name='Attachment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=foundation.ids.uuid7, editable=False, unique=True)),
                        ('type', models.CharField(choices=[('image', 'Picture'), ('file', 'File'), ('voice', 'Voice'), ('video', 'Video'), ('location', 'Location'), ('link', 'Link'), ('miniprogram', 'Mini program'), ('chat_record', 'Forwarded chat'), ('sticker', 'Sticker'), ('card', 'Card'), ('form', 'Form'), ('text', 'Text')], max_length=16, verbose_name='type')),
                        ('name', models.CharField(blank=True, max_length=255, verbose_name='name')),
                        ('media_id', models.CharField(blank=True, max_length=255, verbose_name='media id')),
                        ('state', models.CharField(choices=[('pending', 'Not fetched yet'), ('stored', 'Stored'), ('lost', 'Lost')], default='pending', max_length=8, verbose_name='state')),
                        ('error', models.CharField(blank=True, max_length=255, verbose_name='error')),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('next_attempt_at', models.DateTimeField(blank=True, null=True)),
                        ('blob', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='conversations.blob')),
                        ('message', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='conversations.message')),
                    ],
                    options={
                        'verbose_name': 'attachment',
                        'verbose_name_plural': 'attachments',
                        'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['next_attempt_at'], name='attachment_pending')],
                    },
                ),
                migrations.CreateModel(
                    name='PictureText',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('state', models.CharField(choices=[('waiting', 'Waits to be read'), ('read', 'Read'), ('failed', 'Could not be read')], default='waiting', max_length=8, verbose_name='state')),
                        ('kind', models.CharField(blank=True, choices=[('nameplate', 'Nameplate'), ('receipt', 'Receipt or invoice'), ('order', 'Order page'), ('tracking', 'Parcel'), ('payment', 'Payment'), ('chat', 'Screenshot of a chat'), ('identity', 'Personal paper'), ('other', 'Something else with words'), ('no_text', 'Without words')], max_length=16, verbose_name='kind')),
                        ('text', foundation.encryption.EncryptedTextField(blank=True, verbose_name='words in the picture')),
                        ('confidence', models.FloatField(default=0, verbose_name='how sure')),
                        ('engine', models.CharField(blank=True, max_length=32, verbose_name='engine')),
                        ('engine_version', models.CharField(blank=True, max_length=32, verbose_name='version')),
                        ('milliseconds', models.PositiveIntegerField(default=0, verbose_name='took (ms)')),
                        ('error', models.CharField(blank=True, max_length=64, verbose_name='error')),
                        ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                        ('not_before', models.DateTimeField(editable=False)),
                        ('created_at', models.DateTimeField(verbose_name='created at')),
                        ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='read at')),
                        ('followed_at', models.DateTimeField(editable=False, null=True)),
                        ('blob', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='reading', to='conversations.blob')),
                    ],
                    options={
                        'verbose_name': 'text of a picture',
                        'verbose_name_plural': 'texts of pictures',
                        'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['not_before'], name='picture_to_read'), models.Index(condition=models.Q(('followed_at__isnull', True), ('state', 'read')), fields=['id'], name='picture_to_follow')],
                    },
                ),
            ],
        ),
    ]
